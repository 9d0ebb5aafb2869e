package standin;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import standin.MembershipTables.CoordinationException;
import standin.MembershipTables.Event;
import standin.MembershipTables.Node;

/**
 * Membership over a database: a heartbeat per node, one leader by primary key, events read once a second. The order of the
 * statements and the log lines follow wso2/micro-integrator v1.2.0, RDBMSCoordinationStrategy and RDBMSMemberEventListenerTask.
 */
final class Cluster {
  /** What happens to the tasks of this node when the cluster changes. */
  interface Listener {
    void memberAdded();
    void memberRemoved(String node);
    void connectionLost();
    void rejoined();
  }

  private static final Log STRATEGY = Log.of("org.wso2.micro.integrator.coordination.RDBMSCoordinationStrategy");
  private static final Log COORDINATOR = Log.of("org.wso2.micro.integrator.coordination.ClusterCoordinator");
  private static final Log EVENTS = Log.of("org.wso2.micro.integrator.coordination.RDBMSMemberEventListenerTask");

  private final MembershipTables tables;
  private final String node;
  private final String group = Settings.coordination("localGroupId", "default");
  private final long interval = Long.parseLong(Settings.coordination("heartBeatInterval", "5000"));
  private final long expiry = interval * Long.parseLong(Settings.coordination("heartbeatMaxRetry", "3"));
  private final Faults faults;
  private final Listener listener;
  private final ScheduledExecutorService events = Executors.newSingleThreadScheduledExecutor();
  private boolean coordinator;
  private boolean coordinatorBefore;
  private boolean lost;

  Cluster(Connections connections, String node, Faults faults, Listener listener) throws CoordinationException {
    this.tables = new MembershipTables(connections, group);
    this.node = node;
    this.faults = faults;
    this.listener = listener;
    tables.connect();
  }

  private long now() { return System.currentTimeMillis() + faults.number("clock_skew"); }

  /** A row of this id younger than the expiry means another node, or this one before its last stop. */
  void refuseDuplicate() throws CoordinationException {
    tables.leader();
    for (Node other : tables.nodes()) {
      if (other.id().equals(node) && now() - other.heartbeat() < expiry) {
        throw new CoordinationException("Node with id " + node + " already exists in cluster or the previous shutdown of this node "
            + "hasn't elapsed the heart beat expiry time of " + expiry + " milli seconds.");
      }
    }
  }

  /** Clears what was meant for an earlier life of this node and begins to beat; tries again every five seconds. */
  void join() throws InterruptedException {
    while (true) {
      try {
        if (faults.has("never_join")) throw new CoordinationException("the fault never_join");
        tables.clearEvents(node);
        break;
      } catch (CoordinationException error) {
        STRATEGY.error("Node with ID " + node + " in group " + group + " could not join to the cluster due to " + error.getMessage()
            + " . Will retry in 5 seconds", error);
        Thread.sleep(5000);
      }
    }
    Thread heart = new Thread(this::beatForEver, "RDBMSCoordinationStrategy-0");
    heart.setDaemon(true);
    heart.start();
    STRATEGY.info("Successfully joined the cluster with id [" + node + "]");
    events.scheduleWithFixedDelay(this::readEvents, 1000, 1000, TimeUnit.MILLISECONDS);
    for (String other : liveNodes()) if (!other.equals(node)) COORDINATOR.info("Connected with node [" + other + "]");
  }

  boolean isLeader() {
    try {
      return node.equals(tables.leader());
    } catch (CoordinationException error) {
      COORDINATOR.error("Exception occurred while checking leader node.", error);
      return false;
    }
  }

  List<String> liveNodes() {
    List<String> live = new ArrayList<>();
    try {
      for (Node other : tables.nodes()) if (now() - other.heartbeat() < expiry) live.add(other.id());
    } catch (CoordinationException error) {
      COORDINATOR.error("Exception occurred while retrieving all node Ids.", error);
    }
    return live;
  }

  private void beatForEver() {
    while (true) {
      long started = System.currentTimeMillis();
      beat();
      try {
        Thread.sleep(Math.max(5, started + interval - System.currentTimeMillis()));
      } catch (InterruptedException stop) {
        return;
      }
    }
  }

  private void beat() {
    try {
      if (coordinator != coordinatorBefore) {
        STRATEGY.info("Current node state changed from: " + stateName(coordinatorBefore) + " to: " + stateName(coordinator));
        coordinatorBefore = coordinator;
      }
      if (coordinator) leadOrStandAgain(now());
      else followOrStand(now());
    } catch (CoordinationException error) {
      STRATEGY.error("Error detected while running coordination algorithm. Node became a MEMBER node in group " + group, error);
      coordinator = false;
    }
  }

  private static String stateName(boolean coordinator) { return coordinator ? "COORDINATOR" : "MEMBER"; }

  private void followOrStand(long now) throws CoordinationException {
    tables.beat(node, now);
    Long heartbeat = tables.leaderHeartbeat();
    if (heartbeat != null && now - heartbeat <= expiry) return;
    if (heartbeat == null) STRATEGY.info("No valid coordinator present in database for group " + group + " when checked by nodeId: " + node);
    else {
      STRATEGY.info("Coordinator is invalid, because there is no heartbeat for " + (now - heartbeat) + " millis when checked by nodeId: " + node
          + ". The heartbeat should have happened in " + expiry);
    }
    tables.deleteLeaderOlderThan(now - expiry);
    stand(now);
  }

  private void leadOrStandAgain(long now) throws CoordinationException {
    if (tables.updateLeader(node, now)) {
      tables.beat(node, now);
      announceChanges(tables.nodes(), now);
      return;
    }
    STRATEGY.info("Found current node (nodeId: " + node + ") being removed from coordinator for the group " + group);
    stand(now);
  }

  private void stand(long now) throws CoordinationException {
    coordinator = tables.insertLeader(node, now);
    if (!coordinator) return;
    STRATEGY.info("Elected current node (nodeID: " + node + ") as the coordinator for the group " + group);
    List<Node> nodes = tables.nodes();
    announceChanges(nodes, now);
    List<String> everybody = new ArrayList<>();
    for (Node member : nodes) everybody.add(member.id());
    tables.tell(everybody, MembershipTables.COORDINATOR_CHANGED, node);
  }

  private void announceChanges(List<Node> nodes, long now) throws CoordinationException {
    List<String> active = new ArrayList<>();
    List<String> added = new ArrayList<>();
    List<String> removed = new ArrayList<>();
    for (Node member : nodes) {
      if (now - member.heartbeat() >= expiry) {
        removed.add(member.id());
        tables.removeNode(member.id());
        continue;
      }
      active.add(member.id());
      if (!member.isNew()) continue;
      added.add(member.id());
      tables.markKnown(member.id());
    }
    for (String member : added) tables.tell(active, MembershipTables.ADDED, member);
    for (String member : removed) tables.recordRemoved(active, member);
    for (String member : removed) tables.tell(active, MembershipTables.REMOVED, member);
  }

  private void readEvents() {
    try {
      for (Event event : tables.takeEvents(node)) notice(event);
      if (!lost) return;
      lost = false;
      COORDINATOR.info("Re-joined the cluster successfully.");
      listener.rejoined();
    } catch (CoordinationException error) {
      EVENTS.error("Error occurred while reading membership events. ", error);
      if (lost) return;
      lost = true;
      COORDINATOR.info("Lost connection to the cluster.");
      listener.connectionLost();
    } catch (RuntimeException error) {
      EVENTS.error("Error occurred while reading membership events. ", error);
    }
  }

  private void notice(Event event) throws CoordinationException {
    switch (event.type()) {
      case MembershipTables.ADDED -> {
        COORDINATOR.info("Member added [" + event.member() + "]");
        listener.memberAdded();
      }
      case MembershipTables.REMOVED -> {
        if (!tables.takeRemoved(node, event.member())) return;
        COORDINATOR.info("Member removed [" + event.member() + "]");
        listener.memberRemoved(event.member());
      }
      case MembershipTables.COORDINATOR_CHANGED -> COORDINATOR.info("Coordinator changed to [" + event.member() + "]");
      default -> EVENTS.error("Unknown cluster event type: " + event.type());
    }
  }
}
