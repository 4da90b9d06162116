"""A protocol in which the server speaks first, as SMTP, FTP, SSH and MySQL do: a greeting, then commands and replies,
and after QUIT the server closes. mail.py server | mail.py client HOST"""
import socket
import sys
import time

from say import name, say

PORT = 2525
REPLIES = {b"EHLO": b"250-mail.example\r\n250 SIZE 10000000\r\n", b"DATA": b"354 go ahead\r\n", b"QUIT": b"221 bye\r\n"}


def server():
    listener = socket.create_server(("", PORT))
    say("listening on port %d" % PORT)
    sock, peer = listener.accept()
    say("accepted %s" % name(peer))
    time.sleep(0.3)
    sock.sendall(b"220 mail.example ready\r\n")
    say("greeting sent")
    text = False
    for line in sock.makefile("rb"):
        if text and line != b".\r\n":
            continue
        text = line.startswith(b"DATA")
        time.sleep(0.02)
        sock.sendall(REPLIES.get(line[:4].strip(), b"250 ok\r\n"))
        if line.startswith(b"QUIT"):
            break
    sock.shutdown(socket.SHUT_RDWR)
    say("closed after QUIT")


def client(host):
    sock = socket.create_connection((host, PORT), source_address=("", 40330))
    replies = sock.makefile("rb")

    def ask(words):
        if words:
            sock.sendall(words + b"\r\n")
        while replies.readline()[3:4] == b"-":
            pass

    ask(b"")
    say("greeted")
    ask(b"EHLO client.example")
    for letter in range(5):
        time.sleep(0.5)
        ask(b"MAIL FROM:<a@client.example>")
        ask(b"RCPT TO:<b@mail.example>")
        ask(b"DATA")
        ask(b"Subject: letter %d\r\n\r\n%s\r\n." % (letter, b"words " * (20 * letter + 5)))
    say("five letters delivered")
    ask(b"QUIT")
    replies.read()
    sock.close()
    say("closed")


if __name__ == "__main__":
    server() if sys.argv[1] == "server" else client(sys.argv[2])
