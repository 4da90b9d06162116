"""The registry of cases. A recipe is a function that plays the case in a lab, with what is told about it and with what
it must be judged to be, one module of cases/ for a family."""
import importlib

CASES = {}


class Case:
    def __init__(self, name, play, **about):
        self.name, self.play = name, play
        self.seconds, self.title, self.story, self.expect = (about.pop(key) for key in
                                                             ("seconds", "title", "story", "expect"))
        self.network, self.at = about.pop("network", {}), about.pop("at", "client")
        self.filter, self.snaplen = about.pop("filter", ""), about.pop("snaplen", 0)
        self.sysctls = about.pop("sysctls", "default sysctls")
        # On which interface, and only "in" or "out", where it is not all of the host's own.
        self.interface, self.direction = about.pop("interface", ""), about.pop("direction", "")
        # What is played before the capture begins; and whether connections without a SYN are to be in the trace.
        self.before, self.midflow = about.pop("before", None), about.pop("midflow", False)
        # What is done to the finished trace, and the words for it in the STORY.
        self.edit, self.edited = about.pop("edit", None), about.pop("edited", "")
        # Programs of packages that it is played with, beyond what all cases need.
        self.needs = about.pop("needs", ())
        # Settings of a kernel that the recording shows at work: (client's port, name, value).
        self.knobs = about.pop("knobs", ())
        if about:
            raise TypeError("%s: what is %s?" % (name, ", ".join(about)))


def case(name, **about):
    """Registers the function below it: case("healthy/gateway", seconds=.., title=.., story=.., expect=..)."""
    def register(play):
        if name in CASES:
            raise ValueError("two cases are called " + name)
        CASES[name] = Case(name, play, **about)
        return play
    return register


for family in ("gateway", "telemetry", "dialogues", "quotes", "vanished", "connecting", "lossy", "vantage", "checks",
               "second_look", "unnamed", "refused", "unread",
               "probed", "rejected", "restarted", "ends", "forgotten",
               "queues", "hangs", "large", "beats", "churn", "together", "timed", "services",
               "databases", "nats"):
    importlib.import_module("cases." + family)
