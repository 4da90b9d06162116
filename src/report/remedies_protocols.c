/* Programs that speak a known protocol mostly use a library, or are a server with a configuration of its own: what it
 * is called there. Nothing stands here that is not in the manual of that product. */
#include <string.h>

#include "remedies_parts.h"

#define CLIENT FL_SIDE_CLIENT
#define SERVER FL_SIDE_SERVER

static const struct recipe recipes[] = {
	{ CODE_BEATS, "amqp", CLIENT, "Python (pika)", "pika.ConnectionParameters(host, heartbeat=@beat)" },
	{ CODE_BEATS, "amqp", CLIENT, "Java (RabbitMQ)", "factory.setRequestedHeartbeat(@beat); // seconds" },
	{ CODE_BEATS, "amqp", SERVER, "rabbitmq.conf", "heartbeat = @beat" },
	{ CODE_LOGIN, "amqp", CLIENT, "Python (pika)",
	  "pika.ConnectionParameters(host, socket_timeout=@s, stack_timeout=@s)" },
	{ CODE_LOGIN, "amqp", CLIENT, "Java (RabbitMQ)", "factory.setHandshakeTimeout(@ms); // ms" },

	{ CODE_BEATS, "bgp", FL_SIDE_NONE, "FRR", "neighbor PEER timers @beat @hold" },
	{ CODE_BEATS, "bgp", FL_SIDE_NONE, "BIRD", "keepalive time @beat;\nhold time @hold;" },

	{ CODE_REPLY, "cassandra", CLIENT, "Java (DataStax)",
	  "datastax-java-driver.basic.request.timeout = @s seconds" },
	{ CODE_REPLY, "cassandra", CLIENT, "Python", "session.default_timeout = @s" },
	{ CODE_BEATS, "cassandra", CLIENT, "Java (DataStax)",
	  "datastax-java-driver.advanced.heartbeat {\n"
	  "  interval = @beat seconds\n"
	  "  timeout = 10 seconds\n"
	  "}" },
	{ CODE_BEATS, "cassandra", CLIENT, "Python",
	  "Cluster(hosts, idle_heartbeat_interval=@beat, idle_heartbeat_timeout=10)" },

	{ CODE_BEATS, "diameter", FL_SIDE_NONE, "freeDiameter", "TwTimer = @beat;" },

	{ CODE_BEATS, "fix", FL_SIDE_NONE, "QuickFIX", "HeartBtInt=@beat" },
	{ CODE_LOGIN, "fix", CLIENT, "QuickFIX", "LogonTimeout=@s" },

	{ CODE_REPLY, "http2", CLIENT, "Go", "client := &http.Client{Timeout: @s * time.Second}" },
	{ CODE_REPLY, "http2", CLIENT, "Go (gRPC)",
	  "ctx, cancel := context.WithTimeout(ctx, @s*time.Second)\n"
	  "defer cancel()" },
	{ CODE_REPLY, "http2", CLIENT, "curl", "curl --max-time @s URL" },
	{ CODE_BEATS, "http2", CLIENT, "Go",
	  "&http2.Transport{ReadIdleTimeout: @beat * time.Second, PingTimeout: 15 * time.Second}" },
	{ CODE_BEATS, "http2", CLIENT, "Go (gRPC)",
	  "// The server's keepalive.EnforcementPolicy has to allow it: MinTime is 5 minutes by default.\n"
	  "grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: @beat * time.Second, Timeout: 10 * "
	  "time.Second})" },
	{ CODE_BACKLOG, "http2", SERVER, "nginx", "listen 443 ssl backlog=@count;" },

	{ CODE_BEATS, "iec104", FL_SIDE_NONE, "IEC 60870-5-104",
	  "t3 = @beat  (s of silence before a test frame)\n"
	  "t1 = 15  (s without its confirmation: close)" },

	{ CODE_REPLY, "kafka", CLIENT, "Kafka client",
	  "# The default is 30000; delivery.timeout.ms of a producer must be longer.\n"
	  "request.timeout.ms=@ms" },

	{ CODE_LOGIN, "ldap", CLIENT, "ldap.conf", "NETWORK_TIMEOUT @s\nTIMEOUT @s" },
	{ CODE_LOGIN, "ldap", CLIENT, "Java (JNDI)",
	  "environment.put(\"com.sun.jndi.ldap.connect.timeout\", \"@ms\");\n"
	  "environment.put(\"com.sun.jndi.ldap.read.timeout\", \"@ms\");" },
	{ CODE_REPLY, "ldap", CLIENT, "ldap.conf", "NETWORK_TIMEOUT @s\nTIMEOUT @s" },
	{ CODE_REPLY, "ldap", CLIENT, "Java (JNDI)", "environment.put(\"com.sun.jndi.ldap.read.timeout\", \"@ms\");" },

	{ CODE_REPLY, "memcached", CLIENT, "Python (pymemcache)",
	  "Client((host, port), connect_timeout=@s, timeout=@s)" },
	{ CODE_BACKLOG, "memcached", SERVER, "memcached", "memcached -b @count" },

	{ CODE_REPLY, "mongodb", CLIENT, "MongoDB URI", "mongodb://HOST/?socketTimeoutMS=@ms&connectTimeoutMS=@ms" },
	{ CODE_BEATS, "mongodb", CLIENT, "MongoDB URI",
	  "mongodb://HOST/?heartbeatFrequencyMS=@beat_ms&connectTimeoutMS=5000" },
	{ CODE_BACKLOG, "mongodb", SERVER, "mongod.conf", "net:\n  listenBacklog: @count" },

	{ CODE_BEATS, "mqtt", CLIENT, "Python (paho)", "client.connect(host, port, keepalive=@beat)" },
	{ CODE_BEATS, "mqtt", CLIENT, "Java (paho)", "options.setKeepAliveInterval(@beat); // seconds" },

	{ CODE_LOGIN, "mysql", CLIENT, "mysql", "mysql --connect-timeout=@s" },
	{ CODE_LOGIN, "mysql", CLIENT, "C (libmysqlclient)",
	  "unsigned int limit = @s;\n"
	  "\n"
	  "mysql_options(mysql, MYSQL_OPT_CONNECT_TIMEOUT, &limit);" },
	{ CODE_LOGIN, "mysql", CLIENT, "Java (Connector/J)",
	  "jdbc:mysql://HOST/DB?connectTimeout=@ms&socketTimeout=@ms" },
	{ CODE_LOGIN, "mysql", CLIENT, "Python (PyMySQL)",
	  "pymysql.connect(host=host, connect_timeout=@s, read_timeout=@s)" },
	{ CODE_REPLY, "mysql", CLIENT, "C (libmysqlclient)",
	  "unsigned int limit = @s; /* reads are tried again: three times that in all */\n"
	  "\n"
	  "mysql_options(mysql, MYSQL_OPT_READ_TIMEOUT, &limit);" },
	{ CODE_REPLY, "mysql", CLIENT, "Java (Connector/J)", "jdbc:mysql://HOST/DB?socketTimeout=@ms" },
	{ CODE_REPLY, "mysql", CLIENT, "Python (PyMySQL)",
	  "pymysql.connect(host=host, read_timeout=@s, write_timeout=@s)" },
	{ CODE_WRITE, "mysql", SERVER, "my.cnf", "[mysqld]\nnet_write_timeout = @s" },
	{ CODE_BACKLOG, "mysql", SERVER, "my.cnf", "[mysqld]\nback_log = @count" },

	{ CODE_LOGIN, "nats", CLIENT, "Go", "nc, err := nats.Connect(url, nats.Timeout(@s*time.Second))" },
	{ CODE_LOGIN, "nats", CLIENT, "Python", "nc = await nats.connect(url, connect_timeout=@s)" },
	{ CODE_REPLY, "nats", CLIENT, "Go", "answer, err := nc.Request(subject, data, @s*time.Second)" },
	{ CODE_REPLY, "nats", CLIENT, "Python", "answer = await nc.request(subject, data, timeout=@s)" },
	{ CODE_BEATS, "nats", CLIENT, "Go",
	  "nc, err := nats.Connect(url, nats.PingInterval(@beat*time.Second), nats.MaxPingsOutstanding(2))" },
	{ CODE_BEATS, "nats", CLIENT, "Python",
	  "nc = await nats.connect(url, ping_interval=@beat, max_outstanding_pings=2)" },
	{ CODE_BEATS, "nats", SERVER, "nats-server.conf", "ping_interval: \"@beats\"\nping_max: 2" },
	{ CODE_WRITE, "nats", SERVER, "nats-server.conf", "write_deadline: \"@ss\"" },

	{ CODE_BEATS, "openflow", SERVER, "Open vSwitch", "ovs-vsctl set controller BRIDGE inactivity_probe=@beat_ms" },
	{ CODE_BEATS, "openflow", CLIENT, "Open vSwitch", "ovs-vsctl set controller BRIDGE inactivity_probe=@beat_ms" },

	{ CODE_LOGIN, "postgresql", CLIENT, "libpq", "connect_timeout=@s" },
	{ CODE_LOGIN, "postgresql", CLIENT, "Java (pgjdbc)",
	  "jdbc:postgresql://HOST/DB?loginTimeout=@s&socketTimeout=@s" },
	{ CODE_REPLY, "postgresql", CLIENT, "Java (pgjdbc)", "jdbc:postgresql://HOST/DB?socketTimeout=@s" },
	{ CODE_REPLY, "postgresql", CLIENT, "libpq",
	  "# libpq waits for an answer without a limit. This one ends slow statements, but not a server that hangs:\n"
	  "options='-c statement_timeout=@ss'" },
	{ CODE_USER_TIMEOUT, "postgresql", CLIENT, "libpq", "tcp_user_timeout=@ms" },
	{ CODE_USER_TIMEOUT, "postgresql", SERVER, "postgresql.conf",
	  "tcp_user_timeout = @ms    # ms, since PostgreSQL 12" },
	{ CODE_KEEPALIVE, "postgresql", CLIENT, "libpq",
	  "keepalives=1 keepalives_idle=@idle keepalives_interval=@interval keepalives_count=@count" },
	{ CODE_KEEPALIVE, "postgresql", SERVER, "postgresql.conf",
	  "tcp_keepalives_idle = @idle\n"
	  "tcp_keepalives_interval = @interval\n"
	  "tcp_keepalives_count = @count" },

	{ CODE_LOGIN, "redis", CLIENT, "Python (redis-py)",
	  "redis.Redis(host, port, socket_connect_timeout=@s, socket_timeout=@s)" },
	{ CODE_LOGIN, "redis", CLIENT, "Node.js (ioredis)",
	  "new Redis({ host, port, connectTimeout: @ms, commandTimeout: @ms })" },
	{ CODE_REPLY, "redis", CLIENT, "Python (redis-py)", "redis.Redis(host, port, socket_timeout=@s)" },
	{ CODE_REPLY, "redis", CLIENT, "Node.js (ioredis)", "new Redis({ host, port, commandTimeout: @ms })" },
	{ CODE_KEEPALIVE, "redis", CLIENT, "Python (redis-py)",
	  "redis.Redis(host, port, socket_keepalive=True, socket_keepalive_options={\n"
	  "    socket.TCP_KEEPIDLE: @idle, socket.TCP_KEEPINTVL: @interval, socket.TCP_KEEPCNT: @count})" },
	{ CODE_KEEPALIVE, "redis", SERVER, "redis.conf", "tcp-keepalive @idle" },
	{ CODE_BACKLOG, "redis", SERVER, "redis.conf", "tcp-backlog @count" },

	{ CODE_BEATS, "rtmp", SERVER, "nginx-rtmp", "ping @beats;\nping_timeout 10s;" },

	{ CODE_KEEPALIVE, "sip", SERVER, "Kamailio",
	  "tcp_keepalive = yes\n"
	  "tcp_keepidle = @idle\n"
	  "tcp_keepintvl = @interval\n"
	  "tcp_keepcnt = @count" },

	{ CODE_REPLY, "smpp", CLIENT, "Java (jSMPP)", "session.setTransactionTimer(@ms); // ms" },
	{ CODE_BEATS, "smpp", CLIENT, "Java (jSMPP)", "session.setEnquireLinkTimer(@beat_ms); // ms" },
	{ CODE_BEATS, "smpp", CLIENT, "Kannel", "enquire-link-interval = @beat" },

	{ CODE_BEATS, "stomp", CLIENT, "Python (stomp.py)",
	  "stomp.Connection([(host, port)], heartbeats=(@beat_ms, @beat_ms))" },

	{ CODE_LOGIN, "websocket", CLIENT, "Python (websockets)", "websockets.connect(uri, open_timeout=@s)" },
	{ CODE_BEATS, "websocket", CLIENT, "Python (websockets)",
	  "websockets.connect(uri, ping_interval=@beat, ping_timeout=@beat)" },

	{ CODE_BEATS, "xmpp", SERVER, "ejabberd.yml",
	  "modules:\n"
	  "  mod_ping:\n"
	  "    send_pings: true\n"
	  "    ping_interval: @beat\n"
	  "    ping_ack_timeout: 10\n"
	  "    timeout_action: kill" },

	{ CODE_BEATS, "zookeeper", CLIENT, "Java",
	  "new ZooKeeper(hosts, @hold_ms, watcher); // session timeout in ms" },
};

/* Those whose server is a product: nobody there holds a socket, and what it has no setting for cannot be set. */
static const char *const products[] = { "amqp", "cassandra", "kafka", "ldap",       "memcached", "mongodb",
	                                "mqtt", "mysql",     "nats",  "postgresql", "redis",     "zookeeper" };

bool protocol_is_product(const char *profile)
{
	for (size_t i = 0; profile && i < sizeof(products) / sizeof(products[0]); i++) {
		if (strcmp(products[i], profile) == 0)
			return true;
	}
	return false;
}

bool recipe_of_protocols(size_t index, struct recipe *ret_recipe)
{
	if (index >= sizeof(recipes) / sizeof(recipes[0]))
		return false;
	*ret_recipe = recipes[index];
	return true;
}
