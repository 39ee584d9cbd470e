"""The command ``staleproof``: its subcommands, loaded when used, and the fate of every error."""

from __future__ import annotations

import errno
import importlib
import os
import sys
from typing import NoReturn

import click

from staleproof import __version__
from staleproof.cli.terminal import flush_results, say, set_up_streams
from staleproof.errors import InternalError, OutputError, StaleproofError, UsageError
from staleproof.verdict import EXIT_BROKEN, EXIT_USAGE

COMMANDS = {
    "list": "staleproof.cli.list_claims",
    "prove": "staleproof.cli.prove",
    "trace": "staleproof.cli.trace",
    "check": "staleproof.cli.check",
    "diff": "staleproof.cli.diff",
    "explain": "staleproof.cli.explain",
    "matrix": "staleproof.cli.matrix",
}
"""Per command the module that has it as `command`."""

DISK_ERRORS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO})

EXIT_INTERRUPTED = 130
EXIT_PIPE_CLOSED = 141

EXIT_CODES = """\b
Exit codes:
  0  every verdict is as expected
  1  a verdict differs from what is expected
  2  bad usage or input
  3  something is UNDECIDED, and nothing is worse
  4  BROKEN: a replay that disagrees, a crash, an internal error
  130  interrupted with Ctrl-C
  141  the reader of the results has gone away
"""

ENVIRONMENT = """\b
Environment:
  STALEPROOF_CACHE     folder that keeps verdicts between runs
  STALEPROOF_EVIDENCE  folder of the recorded evidence
  STALEPROOF_DEBUG=1   print the traceback of an internal error
  NO_COLOR             print no colours
"""


class LazyGroup(click.Group):
    """A group that imports a command's module only when that command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(COMMANDS[cmd_name]).command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; for an unknown one, suggest the nearest."""
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS, 1)
            hint = f" Did you mean '{near[0]}'?" if near else ""
            ctx.fail(f"No such command '{args[0]}'.{hint}")
        return super().resolve_command(ctx, args)


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
    epilog=f"{EXIT_CODES}\n{ENVIRONMENT}",
)
@click.version_option(__version__, prog_name="staleproof")
def cli() -> None:
    """Prove or refute claims about how Linux lets user mappings come and go.

    A claim is a property at a version, such as GVF-2@v4. PATTERN is a
    shell-style glob on claim names: 'GVF-*', '*@v4'.
    """


def run(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code; every error has been told to the user."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        set_up_streams()
        code = _invoke(given)
        flush_results()
    except BrokenPipeError:
        _silence_stdout()
        return EXIT_PIPE_CLOSED
    except (KeyboardInterrupt, click.Abort):
        say("interrupted; verdicts that were finished are kept")
        return EXIT_INTERRUPTED
    except click.exceptions.NoArgsIsHelpError as problem:
        say(problem.format_message())
        return EXIT_USAGE
    except click.ClickException as problem:
        say(_usage_error(problem, given).render())
        return EXIT_USAGE
    except StaleproofError as problem:
        if isinstance(problem, OutputError):
            _silence_stdout()
        say(problem.render())
        return exit_code_of(problem)
    except Exception as problem:
        return _internal(problem)
    return code


def _invoke(arguments: list[str]) -> int:
    # Not cli.main(), which has its own idea of what Ctrl-C and a closed pipe should print.
    try:
        with cli.make_context("staleproof", arguments) as context:
            code = cli.invoke(context)
    except click.exceptions.Exit as done:
        return done.exit_code
    except OSError as cause:
        # click writes --help and --version itself.
        if cause.errno not in DISK_ERRORS or cause.filename is not None:
            raise
        raise OutputError(f"the results could not be written: {cause.strerror}") from cause
    return code if isinstance(code, int) else 0


def exit_code_of(problem: StaleproofError) -> int:
    """2 for what a user can correct in the input, 4 for what only staleproof can."""
    if isinstance(problem, OutputError | InternalError):
        return EXIT_BROKEN
    return EXIT_USAGE if problem.code.startswith(("SP2", "SP4", "SP5")) else EXIT_BROKEN


def _usage_error(problem: click.ClickException, arguments: list[str]) -> UsageError:
    context = problem.ctx if isinstance(problem, click.UsageError) else None
    # Of an option without its value click does not tell whose it is.
    named = [a for a in arguments[:1] if a in COMMANDS]
    path = context.command_path if context is not None else " ".join(["staleproof", *named])
    message = " ".join(problem.format_message().split())
    return UsageError(message.rstrip("."), fix=f"see: {path} --help")


def _internal(problem: Exception) -> int:
    if os.environ.get("STALEPROOF_DEBUG"):
        import traceback

        say("".join(traceback.format_exception(problem)).rstrip())
    what = f"{type(problem).__name__}: {problem}".rstrip(": ")
    say(InternalError(f"BROKEN: internal error: {what}").render())
    return EXIT_BROKEN


def _silence_stdout() -> None:
    # Otherwise the interpreter tries to flush it once more at exit, and complains.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())


def entry() -> NoReturn:
    """The console script."""
    sys.exit(run())
