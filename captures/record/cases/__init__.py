"""The registry of cases. A recipe is a function that plays the case in a lab, with what is told about it and with what
it must be judged to be: cases/gateway.py, cases/telemetry.py, cases/dialogues.py."""
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


for family in ("gateway", "telemetry", "dialogues"):
    importlib.import_module("cases." + family)
