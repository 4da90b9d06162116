"""Streams that only one side sends, by design: to a liveness tool they look like a hung server, and are healthy."""
import time

from cases import case
from cases.expect import healthy
from lab import SERVER


def meter(lab, gaps, seed):
    lab.run("server", "collector", "telemetry.py", "collector").wait_for("listening")
    words = ("meter", SERVER, "--gaps", gaps, "--seed", seed, "--from-port", 40215)
    lab.run("client", "meter", "telemetry.py", *words).wait_for("said hello")
    time.sleep(121)


ONE_WAY = """A meter says hello to its collector and then sends lines of varying size. The collector reads them all and
never answers, hello included: the protocol has no answers. The capture is ended while the connection is up. """


@case("healthy/telemetry-one-way", seconds=124, title="hello, then lines at irregular times, never answered",
      expect=healthy("one-way", answered=False), story=ONE_WAY + "The gaps between lines are irregular, 0.2 s to 9 s.")
def telemetry_irregular(lab):
    meter(lab, "irregular", 17)


@case("healthy/telemetry-one-way-regular", seconds=124, title="hello, then varying lines at regular times",
      expect=healthy("one-way", answered=False), story=ONE_WAY + "A line every 2.5 s, of one to eight channels.")
def telemetry_regular(lab):
    meter(lab, "regular", 18)
