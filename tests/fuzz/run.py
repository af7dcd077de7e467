#!/usr/bin/env python3
"""Runs fuzz targets for ctest, and says what they came to.

  run.py … target NAME PROGRAM SOURCE…   seeds are as the program writes them; fuzzes; prints runs, edges and what the
                                         corpus covers of the sources. Fails on any finding.
  run.py … report NAME…                  a line for each target, and what all corpora cover together
  run.py … seeds NAME PROGRAM            writes the seeds of the tree anew; found-… are left alone

A corpus lives on below --work, from run to run. A finding lies in findings/, and the log beside it says what it is.
"""
import argparse
import filecmp
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

LONGEST_INPUT_S = 20  # one input that takes longer is a finding
MOST_MEMORY_MIB = 2048


def fail(text):
    print(text, file=sys.stderr)
    sys.exit(1)


def gist(output):
    """Without libFuzzer's progress and the sanitizer's maps of memory."""
    lines = []
    for line in output.splitlines():
        if line.startswith('Shadow bytes around'):
            break
        if not re.match(r'#\d+\s|INFO: |<[0-7]>', line):
            lines.append(line)
    tail = [line for line in output.splitlines() if 'Test unit written' in line]
    return '\n'.join(line[:240] for line in lines[-60:] + tail)


def call(command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
    return done.returncode, done.stdout.decode(errors='replace')


def environment(profile):
    env = dict(os.environ)
    env['LLVM_PROFILE_FILE'] = str(profile)
    if os.access('/dev/shm', os.W_OK):
        env.setdefault('TMPDIR', '/dev/shm')  # scratch folders in memory: syncing is most of what they cost
    env.setdefault('ASAN_OPTIONS', 'abort_on_error=0:detect_stack_use_after_return=1:allocator_may_return_null=0')
    env.setdefault('UBSAN_OPTIONS', 'print_stacktrace=1')
    symbolizer = Path('/usr/bin/llvm-symbolizer-16')
    if symbolizer.exists():
        env.setdefault('ASAN_SYMBOLIZER_PATH', str(symbolizer))
    return env


def check_seeds(program, seeds):
    """The tree holds what the program writes; what was found once, and kept, is named found-…"""
    with tempfile.TemporaryDirectory() as fresh:
        code, output = call([program, f'--write-seeds={fresh}'], env=environment('/dev/null'))
        if code != 0:
            fail(f'{program} wrote no seeds:\n{gist(output)}')
        written = {p.name for p in Path(fresh).iterdir()}
        kept = {p.name for p in seeds.iterdir()} if seeds.is_dir() else set()
        stale = [name for name in written
                 if name not in kept or not filecmp.cmp(Path(fresh) / name, seeds / name, shallow=False)]
        stale += [name for name in kept - written if not name.startswith('found-')]
        if not written:
            fail(f'{program} has no seeds')
        if stale:
            fail(f'{seeds}: not what {Path(program).name} writes: {", ".join(sorted(stale))}\n'
                 'If a format was meant to change: cmake --build --preset fuzz --target fuzz_seeds')
    return sorted(kept)


def write_seeds(args):
    folder = args.tree / 'tests/fuzz/seeds' / args.name
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        if not old.name.startswith('found-'):
            old.unlink()
    code, output = call([args.program, f'--write-seeds={folder}'], env=environment('/dev/null'))
    if code != 0:
        fail(gist(output))


def number(pattern, text):
    found = re.findall(pattern, text, re.MULTILINE)
    return int(found[-1]) if found else 0


def fuzz(args, seeds, corpus, log):
    findings = args.work / 'findings'
    findings.mkdir(parents=True, exist_ok=True)
    code, output = call(
        [args.program, f'-max_total_time={args.seconds}', f'-max_len={args.max_len}', f'-timeout={LONGEST_INPUT_S}',
         f'-rss_limit_mb={MOST_MEMORY_MIB}', '-print_final_stats=1', '-print_funcs=0', '-print_pcs=0',
         f'-artifact_prefix={findings}/{args.name}-', str(corpus), str(seeds)],
        env=environment('/dev/null'))
    log.write_text(output)
    if code != 0:
        fail(f'fuzz_{args.name}: a finding (all of its output: {log})\n{gist(output)}')
    return {
        'name': args.name,
        'seconds': args.seconds,
        'runs': number(r'^stat::number_of_executed_units:\s*(\d+)', output),
        'a_second': number(r'^stat::average_exec_per_sec:\s*(\d+)', output),
        'edges': number(r'\bcov: (\d+)', output),
        'all_edges': number(r'\((\d+) inline 8-bit counters\)', output),
        'inputs': sum(1 for _ in corpus.iterdir()) + sum(1 for _ in seeds.iterdir()),
    }


def replay(args, seeds, corpus):
    """What the corpus covers, and nothing else: no mutator runs here."""
    raw, merged = args.work / 'profiles' / f'{args.name}.profraw', args.work / 'profiles' / f'{args.name}.profdata'
    raw.parent.mkdir(parents=True, exist_ok=True)
    code, output = call([args.program, '-runs=0', f'-max_len={args.max_len}', f'-timeout={LONGEST_INPUT_S}',
                         str(corpus), str(seeds)], env=environment(raw))
    if code != 0:
        fail(f'fuzz_{args.name}: the corpus does not run through:\n{gist(output)}')
    code, output = call([args.profdata, 'merge', '-sparse', '-o', str(merged), str(raw)])
    if code != 0:
        fail(output)
    raw.unlink()
    return merged


def covered(args, profile, programs, sources):
    """(source, lines covered, lines) for each."""
    first, *others = programs
    command = [args.cov, 'export', '-summary-only', f'-instr-profile={profile}', first]
    for other in others:
        command += ['-object', other]
    done = subprocess.run(command + [str(args.tree / s) for s in sources], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False)
    if done.returncode != 0:
        fail(done.stderr.decode(errors='replace'))
    by_file = {}
    for one in json.loads(done.stdout)['data'][0]['files']:
        by_file[one['filename']] = one['summary']['lines']
    out = []
    for source in sources:
        lines = by_file.get(str(args.tree / source))
        if not lines or lines['count'] == 0:
            fail(f'{source} is no source of {", ".join(Path(p).name for p in programs)}')
        out.append((source, lines['covered'], lines['count']))
    return out


def percent(part, whole):
    return f'{100 * part / whole:5.1f} %'


def print_lines(lines):
    for source, part, whole in lines:
        print(f'  {source:<46} {percent(part, whole)} of lines ({part} of {whole})')


def target(args):
    seeds, corpus = args.tree / 'tests/fuzz/seeds' / args.name, args.work / 'corpus' / args.name
    check_seeds(args.program, seeds)
    corpus.mkdir(parents=True, exist_ok=True)
    result = fuzz(args, seeds, corpus, args.work / f'{args.name}.log')
    if result['runs'] == 0 or result['edges'] == 0:
        fail(f'fuzz_{args.name} ran nothing')
    profile = replay(args, seeds, corpus)
    result['program'], result['sources'] = args.program, args.sources
    result['lines'] = covered(args, profile, [args.program], args.sources)
    print(f"fuzz_{args.name}: {result['runs']} runs in {args.seconds} s ({result['a_second']} a second), "
          f"{result['edges']} of {result['all_edges']} edges, {result['inputs']} inputs, no finding")
    print_lines(result['lines'])
    (args.work / f'{args.name}.json').write_text(json.dumps(result))


def report(args):
    results = []
    for name in args.names:
        try:
            results.append(json.loads((args.work / f'{name}.json').read_text()))
        except OSError:
            fail(f'fuzz_{name} was not run')
    there = {p.stem for p in (args.tree / 'tests/fuzz').glob('fuzz_*.cpp')}
    if there != {f'fuzz_{name}' for name in args.names}:
        fail(f'tests/fuzz/CMakeLists.txt does not run each fuzz_*.cpp: {there}')
    print(f'{"target":<22} {"runs":>10} {"a second":>9} {"edges":>6} {"inputs":>7} {"lines of what it parses":>24}')
    for r in results:
        part, whole = sum(p for _, p, _ in r['lines']), sum(w for _, _, w in r['lines'])
        print(f"{'fuzz_' + r['name']:<22} {r['runs']:>10} {r['a_second']:>9} {r['edges']:>6} {r['inputs']:>7} "
              f"{percent(part, whole):>24}")
    merged = args.work / 'profiles' / 'all.profdata'
    code, output = call([args.profdata, 'merge', '-sparse', '-o', str(merged)] +
                        [str(args.work / 'profiles' / f"{r['name']}.profdata") for r in results])
    if code != 0:
        fail(output)
    print('All corpora together:')
    sources = sorted({s for r in results for s in r['sources']})
    lines = covered(args, merged, [r['program'] for r in results], sources)
    print_lines(lines)
    part, whole = sum(p for _, p, _ in lines), sum(w for _, _, w in lines)
    print(f"{len(results)} targets, {sum(r['runs'] for r in results)} runs, 0 findings; "
          f'{percent(part, whole).strip()} of the parsers\' lines ({part} of {whole})')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--tree', type=Path, required=True)
    parser.add_argument('--work', type=Path, required=True)
    parser.add_argument('--profdata', required=True)
    parser.add_argument('--cov', required=True)
    parser.add_argument('--seconds', type=int, default=5)
    parser.add_argument('--max-len', type=int, default=4096)
    commands = parser.add_subparsers(required=True)
    one = commands.add_parser('target')
    one.add_argument('name')
    one.add_argument('program')
    one.add_argument('sources', nargs='+')
    one.set_defaults(run=target)
    sow = commands.add_parser('seeds')
    sow.add_argument('name')
    sow.add_argument('program')
    sow.set_defaults(run=write_seeds)
    every = commands.add_parser('report')
    every.add_argument('names', nargs='+')
    every.set_defaults(run=report)
    args = parser.parse_args()
    if 'BUD_FUZZ_SECONDS' in os.environ:
        args.seconds = int(os.environ['BUD_FUZZ_SECONDS'])
    args.run(args)


if __name__ == '__main__':
    main()
