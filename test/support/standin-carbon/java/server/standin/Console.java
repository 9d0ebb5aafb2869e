package standin;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** What the servlet port answers: the management console, or nothing at all in the worker profile. */
final class Console implements HttpHandler {
  private static final String LOGIN = "/carbon/admin/login.jsp";
  private final Transports transports;
  private final Users users;
  private final boolean worker;
  /** Further web applications of a profile. */
  private final List<String> applications;

  Console(Transports transports, Users users, boolean worker, List<String> applications) {
    this.transports = transports;
    this.users = users;
    this.worker = worker;
    this.applications = applications;
  }

  @Override public void handle(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    if (worker) {
      Listeners.answer(exchange, 404, "text/html", "");
    } else if (path.equals("/carbon") || path.equals("/carbon/") || path.equals("/")) {
      Listeners.redirect(exchange, base(exchange) + LOGIN);
    } else if (path.equals(LOGIN)) {
      exchange.getResponseHeaders().set("Set-Cookie", "JSESSIONID=" + UUID.randomUUID().toString().replace("-", "").toUpperCase() + "; Path=/; Secure; HttpOnly");
      Listeners.answer(exchange, 200, "text/html", "<html><head><title>WSO2 Management Console</title></head><body><form action=\"login_action.jsp\" method=\"POST\">"
          + "<input name=\"username\"/><input name=\"password\" type=\"password\"/></form></body></html>\n");
    } else if (path.equals("/carbon/admin/login_action.jsp")) {
      Map<String, String> form = form(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
      Listeners.redirect(exchange, base(exchange) + (accepts(form) ? "/carbon/admin/index.jsp?loginStatus=true" : LOGIN + "?loginStatus=false"));
    } else if (path.equals("/carbon/admin/index.jsp")) {
      Listeners.answer(exchange, 200, "text/html", "<html><head><title>WSO2 Management Console</title></head></html>\n");
    } else {
      boolean found = applications.stream().anyMatch(each -> path.equals(each) || path.startsWith(each + "/"));
      Listeners.answer(exchange, found ? 200 : 404, "text/html", found ? "<html></html>\n" : "");
    }
  }

  /** Redirects keep the name of the caller and name a port: the proxy's where catalina-server.xml has one. */
  private String base(HttpExchange exchange) throws IOException {
    try {
      int port = transports.announcedPort();
      return "https://" + Listeners.host(exchange) + (port == 443 ? "" : ":" + port);
    } catch (StartupError impossible) {
      throw new IOException(impossible);
    }
  }

  private boolean accepts(Map<String, String> form) {
    try {
      return users.accepts(form.getOrDefault("username", ""), form.getOrDefault("password", ""));
    } catch (StartupError unreachable) {
      return false;
    }
  }

  private static Map<String, String> form(String body) {
    Map<String, String> values = new HashMap<>();
    for (String pair : body.split("&")) {
      int equals = pair.indexOf('=');
      if (equals > 0) values.put(pair.substring(0, equals), URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
    }
    return values;
  }
}
