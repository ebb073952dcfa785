"""What is given on the command line: images and models of one's own."""

import json
import os
import subprocess

from dashboard.environment import PROJECT


def check(parser, options):
    """Leave with a sentence, before anything is installed, where a file is not there."""
    for called in ("data", "problem"):
        for path in getattr(options, called):
            if not path.exists():
                parser.error(f"argument --{called}: there is no {path}")


def add(parser, python, options):
    """Have all that was given be there for the server; leave if it is refused."""
    add_data(parser, python, options)
    add_problems(parser, python, options)


def add_data(parser, python, options):
    """Have images of one's own checked and kept beside the store."""
    if not options.data:
        return
    command = [python, "-m", "core.data", "--store", str(options.store)]
    command += ["--leave-out-broken"] if options.leave_out_broken else []
    done = subprocess.run(
        [*command, *map(str, options.data)], cwd=PROJECT, stderr=subprocess.PIPE, text=True
    )
    if done.returncode:
        parser.exit(1, done.stderr)


def add_problems(parser, python, options):
    """Read models of one's own, so that the server knows of them what can be known."""
    facts = []
    for path in options.problem:
        print(f"Reading {path} ...", flush=True)
        command = [python, "-m", "core.problems", "check", str(path), "--json"]
        done = subprocess.run(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True)
        if done.returncode:  # the sentence is on the terminal
            parser.exit(1)
        facts.append(json.loads(done.stdout))
    os.environ["EXPLORER_PROBLEMS"] = json.dumps(facts)
