package standin;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.w3c.dom.Element;

/** All ports of a server, on 0.0.0.0. Every one is bound before the first serves, so that a port taken by another stops the start. */
final class Listeners {
  private static final Log LOG = Log.of("org.apache.synapse.transport.passthru.PassThroughHttpListener");
  private record Listener(String title, HttpServer server) { }

  private final List<Listener> bound = new ArrayList<>();
  private final List<Listener> started = new ArrayList<>();
  private final List<ServerSocket> management = new ArrayList<>();
  private final Transports transports;
  private final Proxies proxies;
  private final boolean pretendBusy;

  Listeners(Transports transports, Proxies proxies, boolean pretendBusy) {
    this.transports = transports;
    this.proxies = proxies;
    this.pretendBusy = pretendBusy;
  }

  void bind(HttpHandler console) throws IOException, GeneralSecurityException, StartupError {
    for (String path : List.of("RMIRegistryPort", "RMIServerPort")) {
      String port = Xml.text(transports.carbon, "Ports/JMX/" + path, null);
      if (port != null) management.add(socket(Integer.parseInt(port) + transports.offset));
    }
    bind("HTTPS servlet", transports.servletPort(true), transports.servletKeys(), "").createContext("/", console);
    int secure = transports.announcedPort();
    bind("HTTP servlet", transports.servletPort(false), null, "").createContext("/", exchange ->
        redirect(exchange, "https://" + host(exchange) + (secure == 443 ? "" : ":" + secure) + exchange.getRequestURI()));
    for (String name : List.of("http", "https")) {
      Element receiver = transports.passThrough(name);
      if (receiver == null) continue;
      SSLContext keys = name.equals("https") ? transports.passThroughKeys(receiver) : null;
      int port = transports.passThroughPort(receiver);
      bind("Pass-through " + (keys == null ? "HTTP" : "HTTPS"), port, keys, Xml.parameter(receiver, "HttpsProtocols", ""))
          .createContext("/", exchange -> mediate(exchange, name, port, Xml.parameter(receiver, "WSDLEPRPrefix", null)));
    }
  }

  private ServerSocket socket(int port) throws IOException {
    try {
      return new ServerSocket(port);
    } catch (BindException error) {
      throw taken("JMX", port, error);
    }
  }

  private static IOException taken(String title, int port, IOException error) {
    return new IOException("Error starting " + title + " Listener on 0.0.0.0:" + port + ": " + error.getMessage(), error);
  }

  private HttpServer bind(String title, int port, SSLContext tls, String protocols) throws IOException {
    InetSocketAddress address = new InetSocketAddress("0.0.0.0", port);
    try {
      if (pretendBusy) throw new BindException("Address already in use");
      HttpServer server = tls == null ? HttpServer.create(address, 64) : HttpsServer.create(address, 64);
      if (server instanceof HttpsServer secure) secure.setHttpsConfigurator(only(tls, protocols));
      server.setExecutor(Executors.newFixedThreadPool(8));
      bound.add(new Listener(title, server));
      return server;
    } catch (BindException error) {
      throw taken(title, port, error);
    }
  }

  /** The protocols of the configuration, as far as this JDK still has them. */
  private static HttpsConfigurator only(SSLContext tls, String protocols) {
    List<String> supported = Arrays.asList(tls.getDefaultSSLParameters().getProtocols());
    String[] wanted = Arrays.stream(protocols.split("\\s*,\\s*")).filter(supported::contains).toArray(String[]::new);
    return new HttpsConfigurator(tls) {
      @Override public void configure(HttpsParameters parameters) {
        SSLParameters own = tls.getDefaultSSLParameters();
        if (wanted.length > 0) own.setProtocols(wanted);
        parameters.setSSLParameters(own);
      }
    };
  }

  void start() {
    for (Listener listener : bound) {
      listener.server.start();
      started.add(listener);
      if (listener.title.startsWith("Pass-through")) LOG.info(listener.title + " Listener started on 0.0.0.0:" + listener.server.getAddress().getPort());
    }
  }

  /** A server that has never run keeps its port until its selector turns once, so each one is started before it is stopped. */
  void stop() {
    for (Listener listener : bound) {
      if (!started.contains(listener)) listener.server.start();
      listener.server.stop(0);
    }
    for (ServerSocket socket : management) {
      try {
        socket.close();
      } catch (IOException already) {
        // nothing is left to close
      }
    }
  }

  /** X-Node is the stand-in's own probe header, by which a test sees which node a load balancer chose. */
  private void mediate(HttpExchange exchange, String transport, int port, String prefix) throws IOException {
    String node = InetAddress.getLocalHost().getHostName() + ":" + port;
    exchange.getResponseHeaders().set("X-Node", node);
    String path = exchange.getRequestURI().getPath();
    String name = path.startsWith("/services/") ? path.substring("/services/".length()).split("[/.]")[0] : "";
    if (!proxies.has(name, transport)) {
      answer(exchange, 404, "text/plain", "");
    } else if ("wsdl".equalsIgnoreCase(exchange.getRequestURI().getQuery())) {
      String base = prefix == null ? transport + "://" + transports.hostName() + ":" + port : prefix;
      answer(exchange, 200, "text/xml", "<wsdl:definitions xmlns:wsdl=\"http://schemas.xmlsoap.org/wsdl/\" xmlns:soap=\"http://schemas.xmlsoap.org/wsdl/soap/\">"
          + "<wsdl:service name=\"" + name + "\"><wsdl:port name=\"" + name + "\"><soap:address location=\"" + base + "/services/" + name + "\"/></wsdl:port></wsdl:service></wsdl:definitions>\n");
    } else {
      proxies.mediate(name);
      answer(exchange, 200, "text/plain", node + " " + name + "\n");
    }
  }

  /** The host by which the client called, without its port. */
  static String host(HttpExchange exchange) {
    String header = exchange.getRequestHeaders().getFirst("Host");
    return header == null ? "localhost" : header.replaceFirst(":\\d+$", "");
  }

  static void redirect(HttpExchange exchange, String location) throws IOException {
    exchange.getResponseHeaders().set("Location", location);
    answer(exchange, 302, "text/html", "");
  }

  static void answer(HttpExchange exchange, int status, String type, String body) throws IOException {
    try (exchange) {
      exchange.getRequestBody().readAllBytes();
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      if (bytes.length > 0) exchange.getResponseHeaders().set("Content-Type", type + "; charset=UTF-8");
      boolean head = exchange.getRequestMethod().equals("HEAD");
      exchange.sendResponseHeaders(status, head || bytes.length == 0 ? -1 : bytes.length);
      if (!head && bytes.length > 0) exchange.getResponseBody().write(bytes);
    }
  }
}
