#!/usr/bin/env bash
# Profiles decode on a machine with a GPU, in four ways, and checks what must hold whatever the machine.
#   decode.sh IMAGE LLAMA OUT [LAYERS]
#     IMAGE   directory with bin/hourglass (an unpacked image or archive: its own Java runtime is in it)
#     LLAMA   directory with a llama.cpp built for CUDA: libllama*, libggml*, libggml-cuda.so, libggml-cpu-*
#     OUT     takes table.txt, sessions.tgz (summary.json, report.md, engine.log of each), raw.tgz (CUPTI's buffers), log.txt
# Libraries of CUDA (runtime, cuBLAS, CUPTI) are found where the machine has them. No part stops another; what failed is
# printed whole. Seconds per part: TIME_S (70).
set -u
image=$(cd -- "$1" && pwd -P); llama=$(cd -- "$2" && pwd -P); mkdir -p -- "$3"; out=$(cd -- "$3" && pwd -P)
layers=${4:-8}; limit=${TIME_S:-70}
work=$(mktemp -d /dev/shm/hourglass.XXXXXX 2>/dev/null || mktemp -d)
export XDG_CACHE_HOME=$work/cache
hg=$image/bin/hourglass
cuda=$(find / -xdev -name 'libcudart.so.1[23]' -not -path '/proc/*' 2>/dev/null | head -n 4 | xargs -r -n1 dirname | sort -u | paste -sd:)
export LD_LIBRARY_PATH=${cuda}${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
exec > >(tee "$out/table.txt") 2>&1
failures=0
note() { printf '\n== %s (%s s)\n' "$*" "$SECONDS"; }
check() { if [[ $2 == 1 ]]; then printf 'ok    %s\n' "$1"; else printf 'FAIL  %s\n' "$1"; failures=$((failures + 1)); fi; }
ask() { "$hg" sql "$1" --csv "$2" 2>>"$out/log.txt" | tail -n +2; }

note "machine"
nvidia-smi --query-gpu=name,driver_version,pcie.link.gen.current --format=csv,noheader 2>&1 | head -n 2
nproc; free -g | sed -n 2p; echo "CUDA in: $cuda"; "$hg" --version
"$hg" doctor --engine "$llama" 2>&1 | grep -iE -A3 'gpu|cuda|cupti|engine' | head -n 60

profile() { # name, options
  local name=$1; shift
  local session=$work/$name started=$SECONDS
  timeout -k 5 "$limit" "$hg" profile --shape qwen3-30b-a3b --layers "$layers" --engine "$llama" --tokens 32 --warmup 4 \
    --context 64 --seed 1 -o "$session" --force --keep-raw "$@" >"$work/$name.txt" 2>&1
  local rc=$?
  if [[ $rc != 0 ]]; then
    printf 'FAIL  %s ended with %s after %s s\n' "$name" "$rc" "$((SECONDS - started))"; failures=$((failures + 1))
    tail -n 60 "$work/$name.txt"
    find "$work" -maxdepth 3 -path "*$name*" \( -name 'engine.log*' -o -name '*.crash' \) ! -name '*.rows' ! -name '*.activities' -print -exec tail -n 40 {} \;
    return 1
  fi
  echo "$name took $((SECONDS - started)) s"
}

figures() { # name
  local s=$work/$1
  ask "$s" "SELECT 'T_token ms ' || round(median(dur) / 1e6, 3) || ' (n ' || count(*) || ')' FROM token"
  ask "$s" "SELECT 'unobserved ms ' || round(median(dur) / 1e6, 3) || ' = ' || round(1e9 / median(dur), 1) || ' tokens/s (n ' || count(*) || ')' FROM token_unprofiled"
  ask "$s" "SELECT string_agg(component || ' ' || round(us, 1), '  ' ORDER BY us DESC) FROM (SELECT component, avg(dur) / 1e3 AS us FROM token_component GROUP BY component)"
  "$hg" analyze "$s" decode/observing --csv 2>>"$out/log.txt"
  "$hg" analyze "$s" decode/waits --csv 2>>"$out/log.txt"
  "$hg" analyze "$s" gpu/memcpy --csv 2>>"$out/log.txt" | head -n 12
  ask "$s" "SELECT 'activities ' || (SELECT count(*) FROM kernel) || ' kernels, ' || (SELECT count(*) FROM memcpy) || ' copies, ' || (SELECT count(*) FROM launch) || ' calls, ' || (SELECT count(*) FROM slice WHERE category = 'cuda_graph') || ' graphs, ' || (SELECT count(*) FROM engine_split) || ' splits, ' || (SELECT count(*) FROM expert_choice) || ' choices'"
  ask "$s" "SELECT severity || ' ' || kind || ' ' || count || ': ' || place FROM import_stat"
}

holds() { # name: what must be true of every run
  local s=$work/$1
  check "$1: the parts of each token add up to it" "$(ask "$s" "SELECT (max(abs(d)) <= 1)::INTEGER FROM (SELECT t.token, t.dur - sum(c.dur) AS d FROM token t JOIN token_component c USING (token) GROUP BY t.token, t.dur)")"
  check "$1: at most 2 % of a token is in none of them" "$(ask "$s" "SELECT (sum(c.dur) <= 0.02 * (SELECT sum(dur) FROM token))::INTEGER FROM token_component c WHERE c.component = 'remainder'")"
  check "$1: no part is negative" "$(ask "$s" "SELECT (min(dur) >= 0)::INTEGER FROM token_component")"
}

on_gpu() { # name
  local s=$work/$1
  check "$1: the GPU worked in every token" "$(ask "$s" "SELECT (count(*) = (SELECT count(*) FROM token))::INTEGER FROM token_component WHERE component = 't_gpu_computation' AND dur > 0")"
  check "$1: no copy is faster than PCIe gen 5 x16" "$(ask "$s" "SELECT (coalesce(max(bytes * 1.0 / nullif(dur, 0)), 0) < 64)::INTEGER FROM memcpy WHERE kind IN ('HtoD', 'DtoH') AND bytes > 65536")"
  check "$1: no record was lost" "$(ask "$s" "SELECT (count(*) = 0)::INTEGER FROM import_stat WHERE severity IN ('data_loss', 'error')")"
  check "$1: work is linked to calls" "$(ask "$s" "SELECT (count(*) FILTER (launch_id IS NOT NULL) >= 0.95 * count(*))::INTEGER FROM memcpy")"
  check "$1: observing calls costs less than 30 %" "$(ask "$s" "SELECT ((SELECT median(dur) FROM token) <= 1.3 * (SELECT median(dur) FROM token_unprofiled))::INTEGER")"
}

run() { # name, options
  note "$1"; local name=$1; shift
  profile "$name" --device "$@" || return
  figures "$name"; holds "$name"
  [[ $name == cpu ]] || on_gpu "$name"
}

run gpu gpu
run hybrid hybrid
run fetch hybrid --experts fetch
run cpu cpu
if [[ -d $work/hybrid ]]; then
  check "hybrid: 8 experts of each layer and token were read" "$(ask "$work/hybrid" "SELECT (count(*) = 8 * $layers * (SELECT count(*) FROM token))::INTEGER FROM expert_choice")"
  note "placement"; timeout 30 "$hg" placement "$work/hybrid" 2>&1 | head -n 40
  note "seven questions, hybrid"; grep -A40 '^Q1' "$work/hybrid.txt" | head -n 40
fi

note "files"
(cd "$work" && tar czf "$out/sessions.tgz" --ignore-failed-read -- */summary.json */report.md */engine.log ./*.txt 2>/dev/null)
(cd "$work" && tar czf "$out/raw.tgz" --ignore-failed-read -- gpu/raw hybrid/raw 2>/dev/null)
ls -la "$out"
[[ $(stat -c %s "$out/raw.tgz") -le $((15 << 20)) ]] || { rm "$out/raw.tgz"; echo "raw.tgz was too large and is left out"; }
rm -rf -- "$work"
printf '\n%s checks failed, %s s\n' "$failures" "$SECONDS"
exit 0
