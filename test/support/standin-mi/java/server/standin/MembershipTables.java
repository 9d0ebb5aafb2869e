package standin;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** The four membership tables of the coordination database; every statement is plain SQL that MySQL, MariaDB and PostgreSQL take alike. */
final class MembershipTables {
  record Node(String id, long heartbeat, boolean isNew) { }
  record Event(int type, String member) { }
  static final int ADDED = 1;
  static final int REMOVED = 2;
  static final int COORDINATOR_CHANGED = 3;

  /** What the product throws when a statement of the coordination fails. */
  static final class CoordinationException extends Exception {
    CoordinationException(String message) { super(message); }
    CoordinationException(String message, Throwable cause) { super(message, cause); }
  }

  private final Connections connections;
  private final String group;

  MembershipTables(Connections connections, String group) {
    this.connections = connections;
    this.group = group;
  }

  void connect() throws CoordinationException {
    run("Error in connecting to the datasource to create tables for clustering", connection -> connection.getMetaData().getDatabaseProductName());
  }

  String leader() throws CoordinationException {
    return run("Error occurred while reading coordinator information", connection -> {
      try (PreparedStatement select = prepare(connection, "SELECT NODE_ID FROM LEADER_STATUS_TABLE WHERE GROUP_ID = ?", group);
           ResultSet rows = select.executeQuery()) {
        return rows.next() ? rows.getString(1) : null;
      }
    });
  }

  /** The last heartbeat of the group's leader, or null without a leader. */
  Long leaderHeartbeat() throws CoordinationException {
    return run("Error occurred while checking coordinator validity", connection -> {
      try (PreparedStatement select = prepare(connection, "SELECT LAST_HEARTBEAT FROM LEADER_STATUS_TABLE WHERE GROUP_ID = ?", group);
           ResultSet rows = select.executeQuery()) {
        return rows.next() ? rows.getLong(1) : null;
      }
    });
  }

  /** Two nodes may try at once: the primary key lets one of them through. */
  boolean insertLeader(String node, long now) {
    try {
      return update("adding coordinator", "INSERT INTO LEADER_STATUS_TABLE (GROUP_ID, NODE_ID, LAST_HEARTBEAT) VALUES (?, ?, ?)", group, node, now) != 0;
    } catch (CoordinationException taken) {
      return false;
    }
  }

  boolean updateLeader(String node, long now) throws CoordinationException {
    return update("updating coordinator heartbeat", "UPDATE LEADER_STATUS_TABLE SET LAST_HEARTBEAT = ? WHERE NODE_ID = ? AND GROUP_ID = ?", now, node, group) != 0;
  }

  void deleteLeaderOlderThan(long limit) throws CoordinationException {
    update("removing coordinator heartbeat", "DELETE FROM LEADER_STATUS_TABLE WHERE GROUP_ID = ? AND LAST_HEARTBEAT < ?", group, limit);
  }

  List<Node> nodes() throws CoordinationException {
    return run("Error occurred while getting all node data", connection -> {
      try (PreparedStatement select = prepare(connection, "SELECT NODE_ID, LAST_HEARTBEAT, IS_NEW_NODE FROM CLUSTER_NODE_STATUS_TABLE WHERE GROUP_ID = ?", group);
           ResultSet rows = select.executeQuery()) {
        List<Node> nodes = new ArrayList<>();
        while (rows.next()) nodes.add(new Node(rows.getString(1), rows.getLong(2), rows.getInt(3) == 1));
        return nodes;
      }
    });
  }

  void beat(String node, long now) throws CoordinationException {
    int updated = update("updating node heartbeat", "UPDATE CLUSTER_NODE_STATUS_TABLE SET LAST_HEARTBEAT = ? WHERE NODE_ID = ? AND GROUP_ID = ?", now, node, group);
    if (updated == 0) {
      update("creating node heartbeat", "INSERT INTO CLUSTER_NODE_STATUS_TABLE (NODE_ID, LAST_HEARTBEAT, GROUP_ID, IS_NEW_NODE) VALUES (?, ?, ?, 1)", node, now, group);
    }
  }

  void markKnown(String node) throws CoordinationException {
    update("marking node as not new", "UPDATE CLUSTER_NODE_STATUS_TABLE SET IS_NEW_NODE = 0 WHERE NODE_ID = ? AND GROUP_ID = ?", node, group);
  }

  void removeNode(String node) throws CoordinationException {
    update("removing node heartbeat entry", "DELETE FROM CLUSTER_NODE_STATUS_TABLE WHERE NODE_ID = ? AND GROUP_ID = ?", node, group);
  }

  void tell(List<String> readers, int type, String member) throws CoordinationException {
    for (String reader : readers) {
      String insert = "INSERT INTO MEMBERSHIP_EVENT_TABLE (NODE_ID, GROUP_ID, CHANGE_TYPE, CHANGED_MEMBER_ID) VALUES (?, ?, ?, ?)";
      update("storing membership event", insert, reader, group, type, member);
    }
  }

  void recordRemoved(List<String> readers, String member) throws CoordinationException {
    for (String reader : readers) {
      update("storing removed member", "INSERT INTO REMOVED_MEMBERS_TABLE (NODE_ID, GROUP_ID, REMOVED_MEMBER_ID) VALUES (?, ?, ?)", reader, group, member);
    }
  }

  boolean takeRemoved(String reader, String member) throws CoordinationException {
    return update("reading removed member", "DELETE FROM REMOVED_MEMBERS_TABLE WHERE NODE_ID = ? AND REMOVED_MEMBER_ID = ? AND GROUP_ID = ?", reader, member, group) != 0;
  }

  /**
   * Events for a node, in the order of their kind, taken out of the table. Only what was read is deleted: the product deletes all
   * rows of the node and so loses an event that is stored between its two statements, which no test could rely on.
   */
  List<Event> takeEvents(String reader) throws CoordinationException {
    return run("Error occurred while retrieving membership events destined to: " + reader, connection -> {
      List<Event> events = new ArrayList<>();
      String select = "SELECT CHANGE_TYPE, CHANGED_MEMBER_ID FROM MEMBERSHIP_EVENT_TABLE WHERE NODE_ID = ? ORDER BY CHANGE_TYPE";
      try (PreparedStatement statement = prepare(connection, select, reader); ResultSet rows = statement.executeQuery()) {
        while (rows.next()) events.add(new Event(rows.getInt(1), rows.getString(2)));
      }
      for (Event event : events) {
        String delete = "DELETE FROM MEMBERSHIP_EVENT_TABLE WHERE NODE_ID = ? AND CHANGE_TYPE = ? AND CHANGED_MEMBER_ID = ?";
        try (PreparedStatement statement = prepare(connection, delete, reader, event.type(), event.member())) { statement.executeUpdate(); }
      }
      return events;
    });
  }

  void clearEvents(String reader) throws CoordinationException {
    update("clearing all membership events for node: " + reader, "DELETE FROM MEMBERSHIP_EVENT_TABLE WHERE NODE_ID = ?", reader);
  }

  private int update(String task, String sql, Object... values) throws CoordinationException {
    return run("Error occurred while " + task, connection -> {
      try (PreparedStatement statement = prepare(connection, sql, values)) { return statement.executeUpdate(); }
    });
  }

  private <T> T run(String failure, Connections.Work<T> work) throws CoordinationException {
    try {
      return connections.run(work);
    } catch (SQLException error) {
      throw new CoordinationException(failure, error);
    }
  }

  static PreparedStatement prepare(Connection connection, String sql, Object... values) throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    for (int index = 0; index < values.length; index++) statement.setObject(index + 1, values[index]);
    return statement;
  }
}
