package standin;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** The tasks that run in this process. A task scheduled for the first time is `scheduled`, one paused before is `resumed`. */
final class LocalTasks {
  private static final Log MANAGER = Log.of("org.wso2.micro.integrator.ntask.core.impl.AbstractQuartzTaskManager");
  private static final Log INJECTOR = Log.of("org.apache.synapse.startup.tasks.MessageInjector");
  private final String node;
  private final ScheduledExecutorService clock = Executors.newScheduledThreadPool(2);
  private final Map<String, ScheduledFuture<?>> running = new HashMap<>();
  private final Map<String, TaskDefinition> seen = new HashMap<>();

  LocalTasks(String node) { this.node = node; }

  synchronized void schedule(TaskDefinition task) {
    if (running.containsKey(task.name())) return;
    boolean first = seen.put(task.name(), task) == null;
    running.put(task.name(), clock.scheduleAtFixedRate(() -> run(task.name()), 0, task.interval(), TimeUnit.MILLISECONDS));
    MANAGER.info((first ? "Task scheduled: [ESB_TASK][" : "Task resumed: [ESB_TASK][") + task.name() + "]" + (first ? "." : ""));
  }

  synchronized void pause(String task) {
    ScheduledFuture<?> future = running.remove(task);
    if (future != null) future.cancel(false);
    MANAGER.info("Task paused: [ESB_TASK][" + task + "]");
  }

  private void run(String task) { INJECTOR.info("Task executed: [ESB_TASK][" + task + "] on node [" + node + "]"); }

  void stop() { clock.shutdownNow(); }
}
