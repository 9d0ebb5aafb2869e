package standin;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.w3c.dom.Element;

/**
 * Membership as `clustering` of axis2.xml asks for it, over TCP to the well-known members; the protocol is the stand-in's own, the log lines are
 * the product's (K4416: HazelcastClusteringAgent, WKABasedMembershipScheme). Members tell each other whom they know, so that one well-known
 * member is enough while it is up. Of two members the one with the smaller id dials, back to the address that the other announces: who
 * announces a wrong one is never reached.
 */
final class Membership {
  private static final Log AGENT = Log.of("org.wso2.carbon.core.clustering.hazelcast.HazelcastClusteringAgent");
  private static final Log SCHEME = Log.of("org.wso2.carbon.core.clustering.hazelcast.wka.WKABasedMembershipScheme");
  private static final Log UTIL = Log.of("org.wso2.carbon.core.clustering.hazelcast.util.MemberUtils");
  private static final int SILENCE = 10_000;
  /** A port that is taken is passed over, as Hazelcast does: nobody finds the member there (wso2.md b.4, 7). */
  private static final int TRIES = 100;
  private static final Pattern RANGE = Pattern.compile("(\\d+\\.\\d+\\.\\d+\\.)(\\d+)-(\\d+)");

  private record Member(String id, String host, int port, long since, Socket socket) { }

  private final String id = UUID.randomUUID().toString();
  private final long since = System.currentTimeMillis();
  private final String domain;
  private final String host;
  private final boolean wellKnown;
  private final Set<String> configured = new LinkedHashSet<>();
  private final Set<String> known = ConcurrentHashMap.newKeySet();
  private final Map<String, Member> members = new ConcurrentHashMap<>();
  private final boolean deaf;
  private volatile ServerSocket server;
  private volatile String coordinator = "";
  private volatile boolean complete;
  private volatile boolean ended;
  private int port;

  private Membership(Element clustering, Faults faults) {
    domain = Xml.parameter(clustering, "domain", "wso2.carbon.domain");
    host = Xml.parameter(clustering, "localMemberHost", "127.0.0.1");
    port = Integer.parseInt(Xml.parameter(clustering, "localMemberPort", "4000"));
    wellKnown = Xml.parameter(clustering, "membershipScheme", "multicast").equals("wka");
    deaf = faults.has("never_join");
    for (Element member : Xml.children(Xml.at(clustering, "members"), "member")) {
      String memberPort = Xml.text(member, "port", "4000");
      for (String each : hosts(Xml.text(member, "hostName", ""))) configured.add(each + ":" + memberPort);
    }
  }

  private static List<String> hosts(String text) {
    Matcher range = RANGE.matcher(text);
    if (!range.matches()) return List.of(text);
    List<String> hosts = new ArrayList<>();
    for (int last = Integer.parseInt(range.group(2)); last <= Integer.parseInt(range.group(3)); last++) hosts.add(range.group(1) + last);
    return hosts;
  }

  /** null where clustering is off, and then nothing is said of it. */
  static Membership join(Element axis2, Faults faults) {
    Element clustering = Xml.at(axis2, "clustering");
    if (clustering == null || !Boolean.parseBoolean(clustering.getAttribute("enable"))) return null;
    Membership membership = new Membership(clustering, faults);
    membership.join();
    return membership;
  }

  private void join() {
    AGENT.info("Cluster domain: " + domain);
    AGENT.info("Loading hazelcast configuration from axis2 clustering configuration");
    AGENT.info("Using " + (wellKnown ? "wka" : "multicast") + " based membership management scheme");
    if (host.equals("localhost") || host.startsWith("127.")) {
      AGENT.warn("localMemberHost is configured to use the loopback address. Hazelcast Clustering needs ip addresses for localMemberHost and well-known members.");
    }
    long begun = System.currentTimeMillis();
    try {
      server = bind();
    } catch (IOException error) {
      // The server starts without its cluster: "started" is not "clustered".
      AGENT.error("Cannot listen as a cluster member on " + host + ":" + port + ": " + error.getMessage(), error);
      return;
    }
    AGENT.info("Hazelcast initialized in " + (System.currentTimeMillis() - begun) + "ms");
    if (!deaf) spawn("cluster-accept", this::accept);
    if (wellKnown && !deaf) {
      configured.remove(host + ":" + port);
      known.addAll(configured);
      dialAll();
    }
    AGENT.info("Local member: [" + id + "] - Host:" + host + ", Port:" + port);
    elect();
    complete = true;
    AGENT.info("Cluster initialization completed");
    spawn("cluster-dial", () -> {
      while (!ended) {
        sleep(1000);
        if (wellKnown && !deaf) dialAll();
        members.values().forEach(member -> beat(member.socket));
      }
    });
  }

  private ServerSocket bind() throws IOException {
    InetAddress address = InetAddress.getByName(host);
    for (int tried = 0;; tried++, port++) {
      ServerSocket socket = new ServerSocket();
      try {
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress(address, port));
        return socket;
      } catch (BindException busy) {
        socket.close();
        if (tried == TRIES || !String.valueOf(busy.getMessage()).contains("in use")) throw busy;
      }
    }
  }

  private void accept() {
    while (!ended) {
      try {
        Socket socket = server.accept();
        spawn("cluster-peer", () -> talk(socket, false));
      } catch (IOException closed) {
        return;
      }
    }
  }

  /** One round over everybody known and not joined, each greeting waited for, so that a start knows its peers before it goes on. */
  private void dialAll() {
    Set<String> joined = new LinkedHashSet<>();
    members.values().forEach(member -> joined.add(member.host + ":" + member.port));
    for (String address : known) {
      if (joined.contains(address) || address.equals(host + ":" + port)) continue;
      int colon = address.lastIndexOf(':');
      Socket socket = new Socket();
      try {
        socket.connect(new InetSocketAddress(address.substring(0, colon), Integer.parseInt(address.substring(colon + 1))), 500);
        talk(socket, true);
      } catch (IOException | IllegalArgumentException unreachable) {
        close(socket);
      }
    }
  }

  /** The greeting, one line each way: domain, id, address, since when, and everybody known. */
  private void talk(Socket socket, boolean dialled) {
    try {
      socket.setSoTimeout(SILENCE);
      PrintWriter out = new PrintWriter(socket.getOutputStream(), true, StandardCharsets.UTF_8);
      BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      List<String> others = members.values().stream().map(member -> member.host + ":" + member.port).toList();
      out.println(String.join(" ", domain, id, host, String.valueOf(port), String.valueOf(since), String.join(",", others)));
      String greeting = in.readLine();
      String[] words = greeting == null ? new String[0] : greeting.split(" ", -1);
      if (words.length != 6 || !words[0].equals(domain) || words[1].equals(id)) {
        close(socket);
        return;
      }
      known.add(words[2] + ":" + words[3]);
      if (!words[5].isEmpty()) known.addAll(List.of(words[5].split(",")));
      boolean mine = id.compareTo(words[1]) < 0;
      if (mine != dialled) {
        close(socket);
        if (mine) dialAll();
        else await(words[1]);
        return;
      }
      Member member = new Member(words[1], words[2], Integer.parseInt(words[3]), Long.parseLong(words[4]), socket);
      if (members.putIfAbsent(member.id, member) != null) {
        close(socket);
        return;
      }
      joined(member);
      spawn("cluster-member", () -> listen(member, in));
    } catch (IOException | NumberFormatException broken) {
      close(socket);
    }
  }

  /** The other one dials back. */
  private void await(String peer) {
    for (int wait = 0; wait < 20 && !members.containsKey(peer); wait++) sleep(25);
  }

  /** Who was there before us is an added member, who comes later has joined: the line of the join is one of the other nodes. */
  private void joined(Member member) {
    if (complete || member.since > since) SCHEME.info("Member joined [" + member.id + "]: /" + member.host + ":" + member.port);
    UTIL.info("Added member: Host:" + member.host + ", Port: " + member.port + ", HTTP:-1, HTTPS:-1, Domain: " + domain);
  }

  private void listen(Member member, BufferedReader in) {
    try {
      while (in.readLine() != null) if (ended) return;
    } catch (IOException gone) {
      // Silence or a broken connection: either way it is not there any more.
    }
    close(member.socket);
    if (ended || !members.remove(member.id, member)) return;
    SCHEME.info("Member left [" + member.id + "]: /" + member.host + ":" + member.port);
    if (configured.contains(member.host + ":" + member.port)) SCHEME.info("WKA member " + member.host + ":" + member.port + " left cluster.");
    else known.remove(member.host + ":" + member.port);
    elect();
  }

  /** The oldest member coordinates. */
  private synchronized void elect() {
    String oldest = Stream.concat(Stream.of(new Member(id, host, port, since, null)), members.values().stream())
        .min(Comparator.comparingLong(Member::since).thenComparing(Member::id)).map(Member::id).orElse(id);
    if (oldest.equals(id) && !coordinator.equals(id)) AGENT.info("Elected this member [" + id + "] as the Coordinator node");
    coordinator = oldest;
  }

  private void beat(Socket socket) {
    try {
      socket.getOutputStream().write('\n');
    } catch (IOException gone) {
      close(socket);
    }
  }

  void leave() {
    ended = true;
    close(server);
    members.values().forEach(member -> close(member.socket));
  }

  private static void close(java.io.Closeable socket) {
    try {
      if (socket != null) socket.close();
    } catch (IOException already) {
      // nothing is left to close
    }
  }

  private static void sleep(long milliseconds) {
    try {
      Thread.sleep(milliseconds);
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  private static void spawn(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
  }
}
