"""Holds the wrapper of hooks: arguments and results go through untouched, once, whatever the callbacks do."""

from __future__ import annotations

import asyncio
import inspect
import types
import unittest
from typing import Any

from support import Case

from hourglass_probe.hooks import CHANGED, DISABLED, MISSING, MOST_ERRORS, OK, Call, Hook, Setter
from hourglass_probe.operations import Tally

FAULTS = 10_000


class HooksTest(Case):
    def setUp(self) -> None:
        super().setUp()
        self.failed: list[Exception] = []
        self.summed: list[str] = []
        self.setter = Setter(lambda hook, error: self.failed.append(error))

    def module(self, **content: Any) -> types.ModuleType:
        module = types.ModuleType("engine")
        module.__dict__.update(content)
        return module

    def hook(self, qualname: str, **rest: Any) -> Hook:
        return Hook("test", "cpu", "any", ("engine:" + qualname,), **rest)

    def set(self, qualname: str, module: types.ModuleType, **rest: Any) -> Hook:
        hook = self.hook(qualname, **rest)
        self.setter.set(hook, module)
        return hook

    def test_arguments_and_result_are_the_same_objects(self) -> None:
        seen: list[Any] = []
        module = self.module(f=lambda *a, **k: seen.append((a, k)) or seen)
        hook = self.set("f", module, before=lambda a, k: "token", after=lambda call: self.summed.append(call.token))
        thing = object()
        self.assertIs(seen, module.f(thing, other=thing))
        self.assertEqual([((thing,), {"other": thing})], seen)
        self.assertEqual((1, ["token"]), (hook.fires, self.summed))
        self.assertGreater(self.setter.spent_ns, 0)

    def test_an_error_of_the_function_is_its_own(self) -> None:
        def fails() -> None:
            raise KeyError("its own")

        module = self.module(f=fails)
        calls: list[Call] = []
        self.set("f", module, after=calls.append, after_errors=True)
        with self.assertRaises(KeyError) as caught:
            module.f()
        self.assertIs(caught.exception, calls[0].error)
        self.assertIsNone(calls[0].result)

    def test_ten_thousand_faults_change_nothing_for_the_engine(self) -> None:
        count = [0]

        def work(number: int) -> int:
            count[0] += 1
            return number * 2

        results = []
        for fault in range(FAULTS // MOST_ERRORS // 2):
            module = self.module(f=work)
            before = self.fault if fault % 2 else None
            after = None if fault % 2 else self.fault
            hook = self.set("f", module, before=before, after=after)
            results += [module.f(number) == number * 2 for number in range(2 * MOST_ERRORS)]
            self.assertEqual((DISABLED, MOST_ERRORS), (hook.status, hook.errors))
        self.assertEqual((FAULTS, True), (len(results), all(results)))
        self.assertEqual((FAULTS, FAULTS // 2), (count[0], len(self.failed)))

    def fault(self, *anything: Any) -> None:
        raise [ValueError, AttributeError, MemoryError, RecursionError, OSError][len(self.failed) % 5]("planted")

    def test_a_hook_that_fails_is_switched_off_and_says_why(self) -> None:
        module = self.module(f=lambda: 1)
        hook = self.set("f", module, after=self.fault)
        for _ in range(MOST_ERRORS + 5):
            module.f()
        self.assertEqual((DISABLED, MOST_ERRORS, MOST_ERRORS), (hook.status, hook.errors, hook.fires))
        self.assertIn("planted", str(hook.reason))

    def test_interruptions_are_not_swallowed(self) -> None:
        def interrupt(call: Call) -> None:
            raise KeyboardInterrupt

        module = self.module(f=lambda: 1)
        self.set("f", module, after=interrupt)
        with self.assertRaises(KeyboardInterrupt):
            module.f()

    def test_methods_of_every_sort(self) -> None:
        class Base:
            def inherited(self) -> str:
                return "base"

        class Engine(Base):
            def plain(self, x: int) -> tuple[Any, int]:
                return self, x

            @staticmethod
            def static(x: int) -> int:
                return x

            @classmethod
            def of_class(cls, x: int) -> tuple[Any, int]:
                return cls, x

        module = self.module(Engine=Engine)
        hooks = [self.set("Engine." + name, module) for name in ("plain", "static", "of_class", "inherited")]
        engine = Engine()
        self.assertEqual([(engine, 1), 2, (Engine, 3), "base"], [engine.plain(1), Engine.static(2), engine.of_class(3), engine.inherited()])
        self.assertEqual([(OK, 1)] * 4, [(hook.status, hook.fires) for hook in hooks])
        self.assertEqual("base", Base().inherited())
        self.assertEqual(1, hooks[3].fires, "the class that it is inherited from is left alone")

    def test_a_coroutine_stays_one(self) -> None:
        async def answer(x: int) -> int:
            await asyncio.sleep(0.001)
            return x + 1

        module = self.module(f=answer)
        calls: list[Call] = []
        self.set("f", module, after=calls.append)
        self.assertTrue(inspect.iscoroutinefunction(module.f))
        self.assertEqual(3, asyncio.run(module.f(2)))
        self.assertGreaterEqual(calls[0].end - calls[0].start, 1_000_000, "waiting is part of the call")

    def test_name_document_and_signature_stay(self) -> None:
        def answer(x: int, *, y: int = 3) -> int:
            """Answers."""
            return x + y

        module = self.module(f=answer)
        self.set("f", module)
        self.assertEqual(("answer", "Answers.", inspect.signature(answer)), (module.f.__name__, module.f.__doc__, inspect.signature(module.f)))

    def test_what_cannot_be_hooked_is_said(self) -> None:
        def generator() -> Any:
            yield 1

        class Engine:
            @property
            def usage(self) -> float:
                return 0.5

        module = self.module(g=generator, Engine=Engine, f=lambda a: a, number=3)
        cases = {
            "g": (CHANGED, "it is a generator, whose calls take no time"),
            "Engine.usage": (CHANGED, "it is a property, no function"),
            "number": (CHANGED, "it is a int, no function"),
            "nothing": (MISSING, "engine has no nothing"),
            "Nobody.nothing": (MISSING, "engine has no Nobody.nothing"),
        }
        for qualname, expected in cases.items():
            hook = self.set(qualname, module)
            self.assertEqual(expected, (hook.status, hook.reason))
        hook = self.set("f", module, parameters=("b",))
        self.assertEqual((CHANGED, "it takes no b"), (hook.status, hook.reason))
        self.assertEqual((0.5, [1]), (Engine().usage, list(module.g())))

    def test_the_first_symbol_that_is_there_is_taken(self) -> None:
        hook = Hook("test", "cpu", "any", ("engine:Newer.f", "engine:Older.f"))
        module = self.module(Older=type("Older", (), {"f": lambda self: 4}))
        self.setter.set(hook, module)
        self.assertEqual((OK, "engine:Older.f", 4, 1), (hook.status, hook.symbol, module.Older().f(), hook.fires))

    def test_setting_twice_wraps_once(self) -> None:
        module = self.module(f=lambda: 1)
        hook = self.set("f", module)
        self.setter.set(hook, module)
        module.f()
        self.assertEqual(1, hook.fires)

    def test_it_can_be_undone(self) -> None:
        def original() -> int:
            return 1

        module = self.module(f=original)
        hook = self.set("f", module)
        assert hook.undo
        hook.undo()
        self.assertIs(original, module.f)

    def test_calls_are_summed_with_and_without_callbacks(self) -> None:
        for callbacks in ({}, {"after": lambda call: None}):
            module = self.module(f=lambda x: 1 // x)
            tally = Tally("f")
            hook = self.set("f", module, tally=tally, **callbacks)
            self.assertEqual([1, 0], [module.f(x) for x in (1, 2)])
            with self.assertRaises(ZeroDivisionError):
                module.f(0)
            self.assertEqual((3, 3, hook.total_ns), (hook.fires, tally.count, tally.total_ns))
            self.assertTrue(0 < tally.max_ns <= tally.total_ns and tally.first_ts > 0)

    def test_results_of_none_are_counted(self) -> None:
        module = self.module(f=lambda x: x)
        hook = self.set("f", module, counts_none=True)
        self.assertEqual([0, None, 2, None], [module.f(x) for x in (0, None, 2, None)])
        self.assertEqual((4, 2), (hook.fires, hook.nones))


if __name__ == "__main__":
    unittest.main()
