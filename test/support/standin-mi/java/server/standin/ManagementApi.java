package standin;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** /management: login with the users of the file user store gives a token, the token opens a few read-only resources. */
final class ManagementApi implements HttpHandler {
  private static final Log LOG = Log.of("org.wso2.micro.integrator.management.apis.security.handler.AuthenticationHandlerAdapter");
  private final Map<String, String> passwords = new HashMap<>();
  private final Set<String> tokens = ConcurrentHashMap.newKeySet();
  private final Settings settings;
  private final List<TaskDefinition> tasks;
  private final String version;

  ManagementApi(Settings settings, List<TaskDefinition> tasks, String version) {
    this.settings = settings;
    this.tasks = tasks;
    this.version = version;
    if (Boolean.FALSE.equals(settings.get("internal_apis.file_user_store.enable"))) {
      LOG.error("The file user store is disabled; the stand-in knows no other user store, so nobody can log in");
      return;
    }
    List<Map<String, Object>> users = settings.tables("internal_apis.users");
    if (users.isEmpty()) passwords.put("admin", "admin");
    for (Map<String, Object> user : users) {
      Object inner = user.get("user");
      if (inner instanceof Map) passwords.put(String.valueOf(Toml.mapOf(inner).get("name")), settings.clear(String.valueOf(Toml.mapOf(inner).get("password"))));
    }
  }

  @Override public void handle(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String authorization = exchange.getRequestHeaders().getFirst("Authorization");
    if (path.equals("/management/login")) login(exchange, authorization);
    else if (authorization == null || !authorization.startsWith("Bearer ") || !tokens.contains(authorization.substring(7))) Listeners.answer(exchange, 401, "");
    else if (path.equals("/management/server")) {
      Listeners.answer(exchange, 200, "{\"productName\":\"WSO2 Micro Integrator\",\"productVersion\":" + Listeners.quoted(version) + ",\"carbonHome\":"
          + Listeners.quoted(settings.home.toString()) + "}");
    } else if (path.equals("/management/tasks")) {
      String list = String.join(",", tasks.stream().map(task -> "{\"name\":" + Listeners.quoted(task.name()) + "}").toList());
      Listeners.answer(exchange, 200, "{\"count\":" + tasks.size() + ",\"list\":[" + list + "]}");
    } else Listeners.answer(exchange, 404, "");
  }

  private void login(HttpExchange exchange, String authorization) throws IOException {
    String user = user(authorization);
    if (user == null) {
      Listeners.answer(exchange, 401, "");
      return;
    }
    LOG.info("User " + user + " logged in successfully");
    String token = part("{\"alg\":\"none\"}") + "." + part("{\"sub\":" + Listeners.quoted(user) + "}") + "." + part(UUID.randomUUID().toString());
    tokens.add(token);
    Listeners.answer(exchange, 200, "{\"AccessToken\":\"" + token + "\"}");
  }

  private String user(String authorization) {
    if (authorization == null || !authorization.startsWith("Basic ")) return null;
    try {
      String pair = new String(Base64.getDecoder().decode(authorization.substring(6)), StandardCharsets.UTF_8);
      int colon = pair.indexOf(':');
      return colon >= 0 && pair.substring(colon + 1).equals(passwords.get(pair.substring(0, colon))) ? pair.substring(0, colon) : null;
    } catch (IllegalArgumentException notBase64) {
      return null;
    }
  }

  private static String part(String text) { return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8)); }
}
