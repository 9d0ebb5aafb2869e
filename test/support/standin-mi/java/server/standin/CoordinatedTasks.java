package standin;

import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Tasks shared over the cluster: the leader cleans the table and destines tasks, every node takes up what is destined to it
 * (wso2/micro-integrator v1.2.0: CoordinatedTaskScheduler, TaskStoreCleaner, TaskEventListener).
 */
final class CoordinatedTasks implements Cluster.Listener {
  private static final Log SCHEDULER = Log.of("org.wso2.micro.integrator.ntask.coordination.task.scehduler.CoordinatedTaskScheduler");
  private static final Log MANAGER = Log.of("org.wso2.micro.integrator.ntask.core.internal.CoordinatedTaskScheduleManager");
  private static final Log LISTENER = Log.of("org.wso2.micro.integrator.ntask.coordination.task.TaskEventListener");
  private static final Log TASKS = Log.of("org.wso2.micro.integrator.ntask.core.impl.standalone.ScheduledTaskManager");

  private final TaskTable table;
  private final LocalTasks local;
  private final TaskResolver resolver;
  private final String node;
  private final Map<String, TaskDefinition> deployed = new LinkedHashMap<>();
  private final Set<String> notYetStored = new LinkedHashSet<>();
  private final Object gate = new Object();
  private Cluster cluster;
  private ScheduledExecutorService scheduler;
  private int period = 2;
  private int frequency = 5;
  private int rounds;

  CoordinatedTasks(TaskTable table, LocalTasks local, TaskResolver resolver, String node) {
    this.table = table;
    this.local = local;
    this.resolver = resolver;
    this.node = node;
  }

  /** Read after the join: a value that is not a number leaves a joined node without a task scheduler. */
  void configure(Settings settings) {
    period = atLeastOne(settings, "resolving_period", " seconds", period);
    frequency = atLeastOne(settings, "resolving_frequency", "", frequency);
  }

  private static int atLeastOne(Settings settings, String name, String unit, int standard) {
    int asked = Integer.parseInt(settings.text("task_handling." + name, String.valueOf(standard)));
    if (asked >= 1) return asked;
    MANAGER.warn(name + " should be greater than or equal to 1" + unit + ". The value " + asked + " will be ignored and default " + standard + " will be used.");
    return standard;
  }

  void start(Cluster joined, String occasion) {
    synchronized (gate) {
      cluster = joined;
      MANAGER.info("Triggering coordinated task scheduler with an initial delay of 0 second(s) and a period of " + period + " second(s)" + occasion + ".");
      scheduler = Executors.newSingleThreadScheduledExecutor();
      scheduler.scheduleWithFixedDelay(this::round, 0, period, TimeUnit.SECONDS);
    }
  }

  void deploy(TaskDefinition task) {
    synchronized (gate) {
      deployed.put(task.name(), task);
      try {
        table.addUnlessPresent(task.name());
      } catch (SQLException error) {
        notYetStored.add(task.name());
        TASKS.error("Error in scheduling task: Error adding task : " + task.name(), error);
      }
    }
  }

  void stop() {
    ScheduledExecutorService current;
    synchronized (gate) { current = scheduler; }
    if (current == null) return;
    Log.of("org.wso2.micro.integrator.ntask.core.internal.TasksDSComponent").info("Shutting down coordinated task scheduler.");
    current.shutdownNow();
  }

  private void round() {
    try {
      synchronized (gate) {
        if (cluster.isLeader()) {
          if (rounds % frequency == 0) {
            clean();
            rounds = 0;
          }
          rounds++;
          for (String task : List.copyOf(notYetStored)) {
            table.addUnlessPresent(task);
            notYetStored.remove(task);
          }
          destine();
        }
        takeUp();
      }
    } catch (SQLException | RuntimeException error) {
      SCHEDULER.fatal("Unexpected error occurred while trying to schedule tasks.", error);
    }
  }

  /** A task destined to a live node is kept; of the others, what is not deployed here either is an invalid entry. */
  private void clean() throws SQLException {
    List<String> live = cluster.liveNodes();
    for (TaskTable.Row row : table.all()) {
      if (live.contains(row.node())) continue;
      if (!deployed.containsKey(row.task())) table.delete(row.task());
      else if (row.node() != null && !live.isEmpty()) table.unassign(row.task());
    }
  }

  private void destine() throws SQLException {
    for (String task : table.unassigned()) {
      String chosen = resolver.nodeFor(task, cluster.liveNodes());
      if (chosen != null) table.assign(task, chosen);
    }
  }

  private void takeUp() throws SQLException {
    for (String task : table.waitingFor(node)) {
      if (!deployed.containsKey(task)) {
        SCHEDULER.info("The task [" + task + "] retrieved is not a deployed coordinated task in this node or an invalid entry, hence ignoring it. "
            + "It will be eventually cleaned or deployed.");
      } else if (table.markRunning(task, node)) local.schedule(deployed.get(task));
      else TASKS.error("Failed to update state as RUNNING for task [" + task + "]. Hence not scheduling.");
    }
  }

  @Override public void memberAdded() {
    synchronized (gate) {
      if (cluster == null || !cluster.isLeader()) return;
      try {
        destine();
      } catch (SQLException error) {
        LISTENER.error("Exception occurred while resolving un assigned tasks upon member addition", error);
      }
    }
  }

  @Override public void memberRemoved(String removed) {
    try {
      table.unassignAllOf(removed);
    } catch (SQLException error) {
      LISTENER.error("Error occurred while cleaning the tasks of node " + removed, error);
    }
  }

  @Override public void connectionLost() {
    synchronized (gate) {
      if (scheduler != null) {
        LISTENER.info("Shutting down coordinated task scheduler scheduler since the node became unresponsive.");
        scheduler.shutdown();
        scheduler = null;
      }
      deployed.keySet().forEach(local::pause);
    }
  }

  @Override public void rejoined() {
    try {
      table.unassignAllOf(node);
    } catch (SQLException error) {
      LISTENER.error("Error occurred while cleaning the tasks of node " + node, error);
    }
    start(cluster, " upon rejoining the cluster");
  }
}
