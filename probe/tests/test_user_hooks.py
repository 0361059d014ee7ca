"""Holds the hooks of the user and the settings of the environment."""

from __future__ import annotations

import unittest

from support import ENGINE, Case

from hourglass_probe import settings
from hourglass_probe.user_hooks import UserHookError, hook, symbols_of_toml

PACKAGE = {
    "site/mine/__init__.py": "",
    "site/mine/work.py": "class Work:\n    def do(self, n):\n        if n < 0: raise ValueError(n)\n        return n * 2\n\ndef plain(): return 1\n",
}
USE = "import mine.work\nw = mine.work.Work()\nprint(w.do(2), w.do(3), mine.work.plain())\ntry: w.do(-1)\nexcept ValueError as e: print('raised', e)\n"


class UserHooksTest(Case):
    def setUp(self) -> None:
        super().setUp()
        for name, text in PACKAGE.items():
            self.write(name, text)
        self.site = self.scratch + "/site"

    def calls(self) -> list[tuple[str, str | None, str]]:
        return [(record["operation"], record["context"], record["failed"]) for record in self.records("call")]

    def test_a_file_of_decorated_functions(self) -> None:
        path = self.write(
            "hooks.py",
            "from hourglass_probe import hook\n@hook('mine.work:Work.do')\ndef seen(call): return f'n={call.args[1]} result={call.result}'\n"
            "@hook('mine.work:plain')\ndef other(call): pass\n",
        )
        done = self.python(USE, self.site, HOURGLASS_HOOKS=path)
        self.assertEqual("4 6 1\nraised -1\n", done.stdout)
        expected = [("Work.do", "n=2 result=4", "false"), ("Work.do", "n=3 result=6", "false"), ("plain", None, "false"), ("Work.do", "n=-1 result=None", "true")]
        self.assertEqual(expected, self.calls())
        self.assertTrue(all(record["dur"] >= 0 for record in self.records("call")))

    def test_a_list_in_toml(self) -> None:
        path = self.write("hooks.toml", '# mine\nhooks = [\n  "mine.work:Work.do",  # twice\n  "mine.work:nothing",\n]\n')
        self.python(USE, self.site, HOURGLASS_HOOKS=path)
        self.assertEqual(3, len(self.calls()))
        self.assertEqual("MISSING", self.capabilities()["user.nothing"]["status"])

    def test_a_hook_of_an_engine_s_function_lies_around_ours(self) -> None:
        path = self.write("hooks.toml", 'hooks = ["vllm.v1.core.sched.scheduler:Scheduler.schedule"]')
        code = "from vllm.v1.engine.core import run; print(run({'a': ([1, 2, 3], 4)})[1]['steps'])"
        self.assertEqual("4", self.python(code, ENGINE, HOURGLASS_HOOKS=path).stdout.strip())
        self.assertEqual((4, 4), (len(self.calls()), len(self.records("step"))))

    def test_a_file_that_cannot_be_used_is_one_line(self) -> None:
        for name, text, said in (
            ("bad.py", "def broken(:", "invalid syntax"),
            ("bad.toml", "hook = 3", "it has no list 'hooks'"),
            ("form.toml", 'hooks = ["mine.work.Work.do"]', "'mine.work.Work.do' is not of the form module:qualname"),
        ):
            with self.subTest(name):
                done = self.python(USE, self.site, HOURGLASS_HOOKS=self.write(name, text))
                self.assertEqual("4 6 1\nraised -1\n", done.stdout)
                self.assertEqual(1, done.stderr.count("\n"), done.stderr)
                self.assertIn(said, done.stderr)
        done = self.python(USE, self.site, HOURGLASS_HOOKS=self.scratch + "/nowhere.py")
        self.assertIn("No such file", done.stderr)

    def test_a_program_in_which_nothing_is_hooked_leaves_nothing(self) -> None:
        path = self.write("hooks.toml", 'hooks = ["mine.work:Work.do"]')
        self.python("import json", self.site, HOURGLASS_HOOKS=path)
        self.assertEqual([], self.processes())

    def test_symbols_are_checked_where_they_are_declared(self) -> None:
        with self.assertRaisesRegex(UserHookError, "not of the form"):
            hook("mine.work")
        self.assertEqual(["a.b:c", "d:E.f"], symbols_of_toml("hooks = ['a.b:c', \"d:E.f\"]\n"))


class SettingsTest(unittest.TestCase):
    def read(self, **environment: str) -> settings.Settings:
        return settings.read(environment)

    def test_without_variables_nothing_is_recorded(self) -> None:
        self.assertIsNone(self.read().directory)

    def test_the_defaults(self) -> None:
        found = self.read(HOURGLASS_DIR="/x")
        self.assertEqual(("/x", 10**9, 1 << 30, "counts", False), (found.directory, found.flush_ns, found.limit_bytes, found.moe_tier, found.verbose))
        self.assertEqual(frozenset(settings.PROFILERS), found.profilers)

    def test_disable_comes_before_enable(self) -> None:
        self.assertEqual({"moe", "gil"}, set(self.read(HOURGLASS_DISABLE="all", HOURGLASS_ENABLE="moe, gil").profilers))
        self.assertNotIn("moe", self.read(HOURGLASS_DISABLE="moe;cpu").profilers)

    def test_profilemate_s_variables_are_understood(self) -> None:
        found = self.read(VLLM_PROFILING_DIR="/p", VLLM_PROFILING_VERBOSE="1", VLLM_PROFILING_LOG_INTERVAL="7")
        self.assertEqual(("/p", True, 7), (found.directory, found.verbose, found.moe_every))
        self.assertEqual("/h", self.read(VLLM_PROFILING_DIR="/p", HOURGLASS_DIR="/h").directory)
        self.assertIsNone(self.read(VLLM_PROFILING_DIR="/p", VLLM_ENABLE_PROFILING="0").directory)

    def test_what_makes_no_sense_is_said_and_the_default_taken(self) -> None:
        found = self.read(HOURGLASS_FLUSH_MS="soon", HOURGLASS_ENABLE="mow", HOURGLASS_MOE="all", HOURGLASS_LIMIT_MB="0")
        self.assertEqual((10**9, 1 << 30, "counts"), (found.flush_ns, found.limit_bytes, found.moe_tier))
        self.assertEqual(4, len(found.complaints))
        self.assertIn("HOURGLASS_FLUSH_MS is 'soon', which is no positive whole number; 1000 is taken", found.complaints)


if __name__ == "__main__":
    unittest.main()
