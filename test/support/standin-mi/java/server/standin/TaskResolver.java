package standin;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/** Which node runs a task: the three resolvers of the product, chosen by their class names. */
interface TaskResolver {
  String PACKAGE = "org.wso2.micro.integrator.ntask.coordination.task.resolver.";

  /** The node for a task, or null as long as there is none. */
  String nodeFor(String task, List<String> live);

  /** Properties are strings by contract and are cast unseen: an integer in the TOML ends in a ClassCastException (TasksDSComponent). */
  static TaskResolver of(Settings settings) throws ClassNotFoundException {
    String name = settings.text("task_handling.resolver_class", PACKAGE + "ActivePassiveResolver");
    List<Map<String, Object>> properties = settings.get("task_handling.resolver_class") == null ? List.of() : settings.tables("task_resolver");
    Map<String, Object> first = properties.isEmpty() ? null : properties.get(0);
    return switch (name) {
      case PACKAGE + "ActivePassiveResolver" -> activePassive(first);
      case PACKAGE + "RoundRobinResolver" -> roundRobin(first);
      case PACKAGE + "TaskNodeResolver" -> taskNode(first);
      default -> throw new ClassNotFoundException(name);
    };
  }

  private static TaskResolver activePassive(Map<String, Object> properties) {
    if (properties != null) throw new UnsupportedOperationException("Properties are not supported in ActivePassiveResolver");
    String[] chosen = {null};
    return (task, live) -> {
      if (live.isEmpty()) return nobody(PACKAGE + "ActivePassiveResolver");
      if (chosen[0] == null || !live.contains(chosen[0])) chosen[0] = live.get(new Random().nextInt(live.size()));
      return chosen[0];
    };
  }

  private static TaskResolver roundRobin(Map<String, Object> properties) {
    Log log = Log.of(PACKAGE + "RoundRobinResolver");
    int count = properties == null ? 0 : serverCount(properties, log);
    AtomicInteger turn = new AtomicInteger();
    return (task, live) -> {
      int location = turn.incrementAndGet();
      if (live.isEmpty()) return nobody(PACKAGE + "RoundRobinResolver");
      if (live.size() < count) {
        log.info("Waiting for " + count + " nodes to resolve the tasks. Only " + live.size() + " node(s) available cluster ...");
        return null;
      }
      return live.get(location % live.size());
    };
  }

  private static int serverCount(Map<String, Object> properties, Log log) {
    String text = (String) properties.get("task_server_count");
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException error) {
      log.error("Specify an int value for task_server_count. Default value of 1 will be used.", error);
      return 1;
    }
  }

  private static TaskResolver taskNode(Map<String, Object> properties) {
    Log log = Log.of(PACKAGE + "TaskNodeResolver");
    List<String> defined = new ArrayList<>();
    if (properties != null) {
      String nodes = (String) properties.get("task_nodes");
      if (nodes != null && !nodes.isEmpty()) for (String node : nodes.trim().split(",")) defined.add(node.trim());
      if (defined.isEmpty()) throw new UnsupportedOperationException(PACKAGE + "TaskNodeResolver is initialized with empty an set of task_nodes");
    }
    AtomicInteger turn = new AtomicInteger();
    return (task, live) -> {
      if (live.isEmpty()) return nobody(PACKAGE + "TaskNodeResolver");
      List<String> present = new ArrayList<>(defined);
      present.retainAll(live);
      if (!present.isEmpty()) return present.get(turn.incrementAndGet() % present.size());
      log.info("No nodes defined in the task_nodes is found in the cluster. Hence can't resolve a location for the task " + task);
      return null;
    };
  }

  private static String nobody(String name) {
    Log.of(name).warn("No nodes are registered to the cluster successfully yet.");
    return null;
  }
}
