package standin;

import java.io.IOException;
import java.sql.SQLException;

/**
 * Joining, and what becomes of a node that cannot join.
 *
 * Two statements about that seem to disagree. One list says that a missing driver, a wrong password and missing tables leave no
 * "started" line. The sources of the Micro Integrator say otherwise: TasksDSComponent.activate catches every Throwable of the
 * coordination, logs "Error in initializing Tasks component: ..." and returns (wso2/micro-integrator v1.2.0:
 * components/mediation/tasks/org.wso2.micro.integrator.ntask.core). The source prevails for everything that goes wrong between
 * the datasource and the join: no driver, no server, wrong password, no tables, a static node id restarted within the heartbeat's
 * expiry, an integer where the resolver wants a string. Such a node starts, answers, writes no heartbeat row and runs every task itself.
 * What leaves no "started" here is what fails outside that component: a deployment.toml that is not TOML, a keystore or
 * truststore that cannot be read, a port that is taken.
 */
final class Coordination {
  private static final Log LOG = Log.of("org.wso2.micro.integrator.ntask.core.internal.TasksDSComponent");
  private final Settings settings;
  private final Faults faults;
  private final LocalTasks local;
  private CoordinatedTasks coordinated;

  Coordination(Settings settings, Faults faults, LocalTasks local) {
    this.settings = settings;
    this.faults = faults;
    this.local = local;
  }

  void initialize() throws IOException {
    Coordinates datasource = Datasource.find(settings, "WSO2_COORDINATION_DB");
    if (datasource == null) return;
    LOG.info("Initializing task coordination.");
    try {
      join(new Connections(datasource));
    } catch (Exception error) {
      LOG.error("Error in initializing Tasks component: " + error.getMessage(), error);
    }
  }

  private void join(Connections connections) throws Exception {
    TaskTable table = new TaskTable(connections);
    String node = settings.nodeId();
    CoordinatedTasks[] tasks = new CoordinatedTasks[1];
    Cluster cluster = new Cluster(connections, node, faults, new Cluster.Listener() {
      @Override public void memberAdded() { tasks[0].memberAdded(); }
      @Override public void memberRemoved(String removed) { tasks[0].memberRemoved(removed); }
      @Override public void connectionLost() { tasks[0].connectionLost(); }
      @Override public void rejoined() { tasks[0].rejoined(); }
    });
    cluster.refuseDuplicate();
    try {
      table.deleteAllOf(node);
    } catch (SQLException error) {
      LOG.error("Error while removing the tasks of this node.", error);
    }
    tasks[0] = new CoordinatedTasks(table, local, TaskResolver.of(settings), node);
    coordinated = tasks[0];
    Thread joining = new Thread(() -> joinAndSchedule(cluster), "coordination-join");
    joining.setDaemon(true);
    joining.start();
    joining.join(3000);
  }

  /** A join that is refused again and again must not hold up the start, so it has a thread of its own. */
  private void joinAndSchedule(Cluster cluster) {
    try {
      cluster.join();
      coordinated.configure(settings);
      coordinated.start(cluster, "");
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException error) {
      LOG.error("Error in initializing Tasks component: " + error.getMessage(), error);
    }
  }

  /** A coordinated task waits for its destination in the table; without coordination it runs here at once. */
  void deploy(TaskDefinition task) {
    if (coordinated != null) coordinated.deploy(task);
    else local.schedule(task);
  }

  void stop() {
    if (coordinated != null) coordinated.stop();
    local.stop();
  }
}
