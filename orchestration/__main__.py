"""Lets `python -m orchestration` stand for the `sotinh` command."""

from orchestration.cli import main

main(prog_name="sotinh")
