"""The desk that answers questions, and its client: what the cases of lost packets are played with."""
from lab import ROUTER_AT_CLIENT, SERVER

PORT = 9060


def desk(lab, *options, at="server"):
    server = lab.run(at, "desk" if at == "server" else "other desk", "quotes.py", "server", *options)
    server.wait_for("listening")
    return server


def asker(lab, port, *options, host=SERVER, name="client"):
    return lab.run("client", name, "quotes.py", "client", host, "--from-port", port, *options)


def other_desk(lab, port=40590):
    """A short connection to another host and service: it shows how long the capture ran, and that the client lives."""
    desk(lab, "--port", PORT + 1, at="router")
    asker(lab, port, "--port", PORT + 1, "--requests", 1, host=ROUTER_AT_CLIENT, name="other client").wait(20)
