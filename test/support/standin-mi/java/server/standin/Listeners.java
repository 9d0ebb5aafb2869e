package standin;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;

/** The four HTTP ports of a node, on 0.0.0.0. All are bound before the first one serves, so that a port taken by another stops the start. */
final class Listeners {
  private static final Log LOG = Log.of("org.apache.synapse.transport.passthru.core.PassThroughListeningIOReactorManager");
  private record Listener(String title, HttpServer server, boolean internal) { }

  private final List<Listener> bound = new ArrayList<>();
  private final List<Listener> started = new ArrayList<>();
  private final Settings settings;
  private final boolean pretendBusy;
  private Set<String> proxies = Set.of();

  Listeners(Settings settings, boolean pretendBusy) {
    this.settings = settings;
    this.pretendBusy = pretendBusy;
  }

  void bind(SSLContext passThrough, SSLContext management, List<TaskDefinition> tasks) throws IOException {
    proxies = Deployed.proxies(settings.home);
    bind("HTTP", 8280, null, false).createContext("/", this::mediate);
    bind("HTTPS", 8243, passThrough, false).createContext("/", this::mediate);
    HttpServer probes = bind("EI_INTERNAL_HTTP_INBOUND_ENDPOINT", 9191, null, true);
    probes.createContext("/healthz", exchange -> answer(exchange, 200, "{\"version\":\"" + settings.version + "\",\"status\":\"ready\"}"));
    probes.createContext("/liveness", exchange -> answer(exchange, 200, "{\"status\":\"live\"}"));
    probes.createContext("/", exchange -> answer(exchange, 404, ""));
    bind("EI_INTERNAL_HTTPS_INBOUND_ENDPOINT", 9154, management, true).createContext("/", new ManagementApi(settings, tasks, settings.version));
  }

  private HttpServer bind(String title, int port, SSLContext tls, boolean internal) throws IOException {
    InetSocketAddress address = new InetSocketAddress("0.0.0.0", port + settings.offset());
    try {
      if (pretendBusy) throw new BindException("Address already in use");
      HttpServer server = tls == null ? HttpServer.create(address, 64) : HttpsServer.create(address, 64);
      if (server instanceof HttpsServer) ((HttpsServer) server).setHttpsConfigurator(new HttpsConfigurator(tls));
      server.setExecutor(Executors.newFixedThreadPool(8));
      bound.add(new Listener(title, server, internal));
      return server;
    } catch (BindException error) {
      throw new IOException("Error starting Pass-through " + title + " Listener on 0.0.0.0:" + address.getPort() + ": " + error.getMessage(), error);
    }
  }

  void start(boolean internal) {
    for (Listener listener : bound) {
      if (listener.internal != internal) continue;
      listener.server.start();
      started.add(listener);
      LOG.info("Pass-through " + listener.title + " Listener started on 0.0.0.0:" + listener.server.getAddress().getPort());
    }
  }

  /** A server that has never run keeps its port until its selector turns once, so each one is started before it is stopped. */
  void stop() {
    for (Listener listener : bound) {
      if (!started.contains(listener)) listener.server.start();
      listener.server.stop(0);
    }
  }

  /** Any path answers; X-Node is the stand-in's own probe header, by which a test sees which node a load balancer chose; a proxy that is deployed says its name. */
  private void mediate(HttpExchange exchange) throws IOException {
    exchange.getResponseHeaders().set("X-Node", settings.nodeId());
    String path = exchange.getRequestURI().getPath();
    String proxy = path.startsWith("/services/") && proxies.contains(path.substring("/services/".length())) ? ",\"proxy\":" + quoted(path.substring("/services/".length())) : "";
    String request = ",\"method\":" + quoted(exchange.getRequestMethod()) + ",\"path\":" + quoted(path);
    answer(exchange, 200, "{\"node\":" + quoted(settings.nodeId()) + request + proxy + "}");
  }

  static void answer(HttpExchange exchange, int status, String body) throws IOException {
    try (exchange) {
      exchange.getRequestBody().readAllBytes();
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      if (bytes.length > 0) exchange.getResponseHeaders().set("Content-Type", "application/json");
      boolean head = exchange.getRequestMethod().equals("HEAD");
      exchange.sendResponseHeaders(status, head || bytes.length == 0 ? -1 : bytes.length);
      if (!head && bytes.length > 0) exchange.getResponseBody().write(bytes);
    }
  }

  static String quoted(String text) {
    StringBuilder out = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      if (c == '"' || c == '\\') out.append('\\').append(c);
      else if (c < 32) out.append(String.format("\\u%04x", (int) c));
      else out.append(c);
    }
    return out.append('"').toString();
  }
}
