/* The lines themselves, for programs that hold a socket and for the kernel: what is copied at 3 am has to be right. C
 * is compiled by a test, Python run (tests/golden/remedies.py). In C: fd is the socket, and -1 returned is a failure.
 */
#include "remedies_parts.h"

static const struct recipe recipes[] = {
	/* An answer, in time. In Node.js setTimeout() of a socket counts what is written, too: a timer of one's own. */
	{ CODE_REPLY, NULL, FL_SIDE_NONE, "C",
	  "struct timeval limit = { .tv_sec = @s }, none = { 0 };\n"
	  "\n"
	  "if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) < 0)\n"
	  "\treturn -1;\n"
	  "if (recv(fd, buffer, size, 0) <= 0)\n"
	  "\treturn -1; /* 0: closed; -1 and errno EAGAIN: nothing came in time */\n"
	  "if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &none, sizeof(none)) < 0)\n"
	  "\treturn -1; /* later, nothing need come */" },
	{ CODE_REPLY, NULL, FL_SIDE_NONE, "Java",
	  "socket.setSoTimeout(@ms); // ms: read() then throws SocketTimeoutException\n"
	  "int length = socket.getInputStream().read(buffer); // -1: closed\n"
	  "socket.setSoTimeout(0); // later, nothing need come" },
	{ CODE_REPLY, NULL, FL_SIDE_NONE, "Go",
	  "if err := conn.SetReadDeadline(time.Now().Add(@s * time.Second)); err != nil {\n"
	  "\treturn err\n"
	  "}\n"
	  "if _, err := conn.Read(buffer); err != nil {\n"
	  "\treturn err // os.ErrDeadlineExceeded: nothing came in time\n"
	  "}\n"
	  "return conn.SetReadDeadline(time.Time{}) // later, nothing need come" },
	{ CODE_REPLY, NULL, FL_SIDE_NONE, "Python",
	  "sock.settimeout(@s)\n"
	  "data = sock.recv(4096)  # raises TimeoutError when nothing came in time\n"
	  "if not data:\n"
	  "    raise ConnectionError(\"the other side closed\")\n"
	  "sock.settimeout(None)  # later, nothing need come" },
	{ CODE_REPLY, NULL, FL_SIDE_NONE, "Node.js",
	  "socket.on('error', error => console.error(error.message)); // else it ends the process\n"
	  "const timer = setTimeout(() => socket.destroy(new Error('no reply in @s s')), @ms); // anew for each "
	  "request\n"
	  "socket.once('data', () => clearTimeout(timer));\n"
	  "socket.once('close', () => clearTimeout(timer));" },

	{ CODE_WRITE, NULL, FL_SIDE_NONE, "C",
	  "struct timeval limit = { .tv_sec = @s };\n"
	  "\n"
	  "if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) < 0)\n"
	  "\treturn -1;\n"
	  "if (send(fd, buffer, size, MSG_NOSIGNAL) < 0)\n"
	  "\treturn -1; /* errno is EAGAIN when there was no room in time */" },
	{ CODE_WRITE, NULL, FL_SIDE_NONE, "Java",
	  "// The JDK has no limit for a blocking write. With Netty:\n"
	  "channel.pipeline().addLast(new WriteTimeoutHandler(@s)); // seconds" },
	{ CODE_WRITE, NULL, FL_SIDE_NONE, "Go",
	  "if err := conn.SetWriteDeadline(time.Now().Add(@s * time.Second)); err != nil {\n"
	  "\treturn err\n"
	  "}\n"
	  "_, err := conn.Write(data) // os.ErrDeadlineExceeded when there was no room in time" },
	{ CODE_WRITE, NULL, FL_SIDE_NONE, "Python",
	  "sock.settimeout(@s)\n"
	  "sock.sendall(data)  # raises TimeoutError when it took longer" },
	{ CODE_WRITE, NULL, FL_SIDE_NONE, "Node.js",
	  "if (!socket.write(data)) {\n"
	  "  const timer = setTimeout(() => socket.destroy(new Error('the peer does not read')), @ms);\n"
	  "  socket.once('drain', () => clearTimeout(timer));\n"
	  "}" },

	{ CODE_LOGIN_FIRST, NULL, FL_SIDE_NONE, "Python",
	  "sock.settimeout(@s)\n"
	  "sock.sendall(login)\n"
	  "if not is_accepted(sock.recv(4096)):  # the answer first\n"
	  "    raise ConnectionError(\"the login was not accepted\")\n"
	  "sock.settimeout(None)\n"
	  "start_heartbeats(sock)" },

	{ CODE_USER_TIMEOUT, NULL, FL_SIDE_NONE, "C",
	  "unsigned int limit = @ms; /* ms */\n"
	  "\n"
	  "if (setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &limit, sizeof(limit)) < 0)\n"
	  "\treturn -1;" },
	{ CODE_USER_TIMEOUT, NULL, FL_SIDE_NONE, "Java",
	  "// The JDK has no TCP_USER_TIMEOUT. With Netty on Linux (transport epoll):\n"
	  "bootstrap.option(EpollChannelOption.TCP_USER_TIMEOUT, @ms); // ms" },
	{ CODE_USER_TIMEOUT, NULL, FL_SIDE_NONE, "Go",
	  "raw, err := conn.(*net.TCPConn).SyscallConn()\n"
	  "if err != nil {\n"
	  "\treturn err\n"
	  "}\n"
	  "var failed error\n"
	  "err = raw.Control(func(fd uintptr) { // unix: golang.org/x/sys/unix\n"
	  "\tfailed = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, @ms) // ms\n"
	  "})\n"
	  "if err := errors.Join(err, failed); err != nil {\n"
	  "\treturn err\n"
	  "}" },
	{ CODE_USER_TIMEOUT, NULL, FL_SIDE_NONE, "Python",
	  "sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, @ms)  # ms" },
	{ CODE_USER_TIMEOUT, NULL, FL_SIDE_NONE, "Node.js",
	  "// Node.js itself has no TCP_USER_TIMEOUT. What it can do is wait for each reply no longer than that:\n"
	  "socket.on('error', error => console.error(error.message)); // else it ends the process\n"
	  "const timer = setTimeout(() => socket.destroy(new Error('no reply in @s s')), @ms); // anew for each "
	  "request\n"
	  "socket.once('data', () => clearTimeout(timer));\n"
	  "socket.once('close', () => clearTimeout(timer));" },

	{ CODE_RETRIES2, NULL, FL_SIDE_NONE, "sysctl",
	  "# Less than 8 is less than RFC 1122 asks for (100 s).\n"
	  "net.ipv4.tcp_retries2 = 8" },

	{ CODE_KEEPALIVE, NULL, FL_SIDE_NONE, "C",
	  "int on = 1, idle = @idle, interval = @interval, count = @count; /* seconds, and probes */\n"
	  "\n"
	  "if (setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on)) < 0 ||\n"
	  "    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle)) < 0 ||\n"
	  "    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof(interval)) < 0 ||\n"
	  "    setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof(count)) < 0)\n"
	  "\treturn -1;" },
	{ CODE_KEEPALIVE, NULL, FL_SIDE_NONE, "Java",
	  "// jdk.net.ExtendedSocketOptions, since Java 11\n"
	  "socket.setOption(StandardSocketOptions.SO_KEEPALIVE, true);\n"
	  "socket.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, @idle);\n"
	  "socket.setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, @interval);\n"
	  "socket.setOption(ExtendedSocketOptions.TCP_KEEPCOUNT, @count);" },
	{ CODE_KEEPALIVE, NULL, FL_SIDE_NONE, "Go",
	  "// since Go 1.23\n"
	  "err := conn.(*net.TCPConn).SetKeepAliveConfig(net.KeepAliveConfig{\n"
	  "\tEnable:   true,\n"
	  "\tIdle:     @idle * time.Second,\n"
	  "\tInterval: @interval * time.Second,\n"
	  "\tCount:    @count,\n"
	  "})\n"
	  "if err != nil {\n"
	  "\treturn err\n"
	  "}" },
	{ CODE_KEEPALIVE, NULL, FL_SIDE_NONE, "Python",
	  "sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)\n"
	  "sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, @idle)\n"
	  "sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, @interval)\n"
	  "sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, @count)" },
	{ CODE_KEEPALIVE, NULL, FL_SIDE_NONE, "Node.js",
	  "socket.setKeepAlive(true, @idle_ms); // ms; then 10 probes a second apart, which Node.js sets" },
	{ CODE_KEEPALIVE, NULL, FL_SIDE_NONE, "sysctl",
	  "# For sockets on which SO_KEEPALIVE is set, and that set no times of their own.\n"
	  "net.ipv4.tcp_keepalive_time = @idle\n"
	  "net.ipv4.tcp_keepalive_intvl = @interval\n"
	  "net.ipv4.tcp_keepalive_probes = @count" },

	{ CODE_CONNECT, NULL, FL_SIDE_NONE, "C",
	  "struct timeval limit = { .tv_sec = @s };\n"
	  "\n"
	  "/* connect() heeds it on Linux, and fails with EINPROGRESS. */\n"
	  "if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) < 0)\n"
	  "\treturn -1;\n"
	  "if (connect(fd, address, length) < 0)\n"
	  "\treturn -1;" },
	{ CODE_CONNECT, NULL, FL_SIDE_NONE, "Java", "socket.connect(new InetSocketAddress(host, port), @ms); // ms" },
	{ CODE_CONNECT, NULL, FL_SIDE_NONE, "Go",
	  "conn, err := net.DialTimeout(\"tcp\", address, @s*time.Second) // or net.Dialer{Timeout: @s * "
	  "time.Second}" },
	{ CODE_CONNECT, NULL, FL_SIDE_NONE, "Python",
	  "sock = socket.create_connection((host, port), timeout=@s)  # holds for later calls, too: settimeout()" },
	{ CODE_CONNECT, NULL, FL_SIDE_NONE, "Node.js",
	  "const socket = net.connect({ host, port });\n"
	  "const timer = setTimeout(() => socket.destroy(new Error('no connection in @s s')), @ms);\n"
	  "socket.once('connect', () => clearTimeout(timer));" },

	{ CODE_SYN_RETRIES, NULL, FL_SIDE_NONE, "sysctl", "net.ipv4.tcp_syn_retries = 2" },

	{ CODE_BACKLOG, NULL, FL_SIDE_NONE, "C",
	  "if (listen(fd, @count) < 0)\n"
	  "\treturn -1;" },
	{ CODE_BACKLOG, NULL, FL_SIDE_NONE, "Java",
	  "ServerSocket server = new ServerSocket(port, @count); // default 50" },
	{ CODE_BACKLOG, NULL, FL_SIDE_NONE, "Go", "// Go's net.Listen takes net.core.somaxconn by itself." },
	{ CODE_BACKLOG, NULL, FL_SIDE_NONE, "Python", "sock.listen(@count)" },
	{ CODE_BACKLOG, NULL, FL_SIDE_NONE, "Node.js", "server.listen({ port, backlog: @count }); // default 511" },
	{ CODE_BACKLOG, NULL, FL_SIDE_NONE, "sysctl",
	  "# The program has to listen anew to get it. The default is 4096 since Linux 5.4, and was 128.\n"
	  "net.core.somaxconn = 4096" },

	{ CODE_SYN_COOKIES, NULL, FL_SIDE_NONE, "sysctl",
	  "net.ipv4.tcp_syncookies = 1\n"
	  "net.ipv4.tcp_synack_retries = 2" },

	{ CODE_RETRY, NULL, FL_SIDE_NONE, "Java",
	  "for (int seconds = 1;; seconds *= 2) {\n"
	  "    try {\n"
	  "        return call(); // connects, and asks for what is safe to ask for twice\n"
	  "    } catch (IOException failed) {\n"
	  "        if (seconds > 8)\n"
	  "            throw failed;\n"
	  "        Thread.sleep(ThreadLocalRandom.current().nextLong(500L * seconds, 1500L * seconds));\n"
	  "    }\n"
	  "}" },
	{ CODE_RETRY, NULL, FL_SIDE_NONE, "Go",
	  "for wait := time.Second; ; wait *= 2 {\n"
	  "\terr := call() // connects, and asks for what is safe to ask for twice\n"
	  "\tif err == nil || wait > 8*time.Second {\n"
	  "\t\treturn err\n"
	  "\t}\n"
	  "\ttime.Sleep(wait/2 + rand.N(wait)) // math/rand/v2\n"
	  "}" },
	{ CODE_RETRY, NULL, FL_SIDE_NONE, "Python",
	  "for wait in (1, 2, 4, 8, None):\n"
	  "    try:\n"
	  "        return call()  # connects, and asks for what is safe to ask for twice\n"
	  "    except OSError:\n"
	  "        if wait is None:\n"
	  "            raise\n"
	  "        time.sleep(wait * random.uniform(0.5, 1.5))" },

	{ CODE_CLOSE, NULL, FL_SIDE_NONE, "C",
	  "ssize_t got = recv(fd, buffer, size, 0);\n"
	  "\n"
	  "if (got == 0) /* the other side has closed */\n"
	  "\tclose(fd);" },
	{ CODE_CLOSE, NULL, FL_SIDE_NONE, "Java",
	  "if (socket.getInputStream().read(buffer) < 0) // the other side has closed\n"
	  "    socket.close();" },
	{ CODE_CLOSE, NULL, FL_SIDE_NONE, "Go",
	  "defer conn.Close()\n"
	  "n, err := conn.Read(buffer)\n"
	  "if errors.Is(err, io.EOF) { // the other side has closed\n"
	  "\treturn nil\n"
	  "}" },
	{ CODE_CLOSE, NULL, FL_SIDE_NONE, "Python",
	  "data = sock.recv(4096)\n"
	  "if not data:  # the other side has closed\n"
	  "    sock.close()" },
	{ CODE_CLOSE, NULL, FL_SIDE_NONE, "Node.js",
	  "// By default Node.js closes by itself; with allowHalfOpen: true it does not.\n"
	  "socket.on('end', () => socket.end());" },

	{ CODE_FIN_WAIT, NULL, FL_SIDE_NONE, "C",
	  "struct timeval limit = { .tv_sec = @s };\n"
	  "\n"
	  "if (shutdown(fd, SHUT_WR) < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) < 0)\n"
	  "\treturn -1;\n"
	  "while (recv(fd, buffer, size, 0) > 0)\n"
	  "\t; /* until the other side closes, or is silent for @s s */\n"
	  "close(fd);" },
	{ CODE_FIN_WAIT, NULL, FL_SIDE_NONE, "Python",
	  "sock.shutdown(socket.SHUT_WR)\n"
	  "sock.settimeout(@s)\n"
	  "try:\n"
	  "    while sock.recv(4096):\n"
	  "        pass\n"
	  "except TimeoutError:\n"
	  "    pass\n"
	  "sock.close()" },
	{ CODE_FIN_WAIT, NULL, FL_SIDE_NONE, "sysctl", "net.ipv4.tcp_fin_timeout = @s" },

	{ CODE_ORPHAN, NULL, FL_SIDE_NONE, "sysctl", "net.ipv4.tcp_orphan_retries = 3" },

	{ CODE_MTU_PROBES, NULL, FL_SIDE_NONE, "sysctl", "net.ipv4.tcp_mtu_probing = 1" },

	{ CODE_MSS_ROUTE, NULL, FL_SIDE_NONE, "nft",
	  "nft add table inet clamp\n"
	  "nft 'add chain inet clamp forward { type filter hook forward priority mangle; }'\n"
	  "nft add rule inet clamp forward tcp flags syn tcp option maxseg size set rt mtu" },
	{ CODE_MSS_NUMBER, NULL, FL_SIDE_NONE, "nft",
	  "nft add table inet clamp\n"
	  "nft 'add chain inet clamp forward { type filter hook forward priority mangle; }'\n"
	  "nft add rule inet clamp forward tcp flags syn tcp option maxseg size set @mss" },

	{ CODE_ICMP, NULL, FL_SIDE_NONE, "C",
	  "int on = 1;\n"
	  "\n"
	  "if (setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof(on)) < 0)\n"
	  "\treturn -1;" },
	{ CODE_ICMP6, NULL, FL_SIDE_NONE, "C",
	  "int on = 1;\n"
	  "\n"
	  "if (setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof(on)) < 0)\n"
	  "\treturn -1;" },
};

bool recipe_of_sockets(size_t index, struct recipe *ret_recipe)
{
	if (index >= sizeof(recipes) / sizeof(recipes[0]))
		return false;
	*ret_recipe = recipes[index];
	return true;
}
