package standin;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** COORDINATED_TASK_TABLE: which task is destined to which node, and in what state. */
final class TaskTable {
  record Row(String task, String node) { }

  private static final String BACK_TO_NONE = "TASK_STATE = CASE TASK_STATE WHEN 'RUNNING' THEN 'NONE' WHEN 'DEACTIVATED' THEN 'PAUSED' ELSE TASK_STATE END";
  private final Connections connections;

  TaskTable(Connections connections) { this.connections = connections; }

  void addUnlessPresent(String task) throws SQLException {
    if (rows("SELECT TASK_NAME, DESTINED_NODE_ID FROM COORDINATED_TASK_TABLE WHERE TASK_NAME = ?", task).isEmpty()) {
      try {
        update("INSERT INTO COORDINATED_TASK_TABLE (TASK_NAME, DESTINED_NODE_ID, TASK_STATE) VALUES (?, NULL, 'NONE')", task);
      } catch (SQLException error) {
        if (error.getSQLState() == null || !error.getSQLState().startsWith("23")) throw error;
      }
    }
  }

  List<Row> all() throws SQLException { return rows("SELECT TASK_NAME, DESTINED_NODE_ID FROM COORDINATED_TASK_TABLE"); }

  List<String> unassigned() throws SQLException {
    return names(rows("SELECT TASK_NAME, DESTINED_NODE_ID FROM COORDINATED_TASK_TABLE WHERE DESTINED_NODE_ID IS NULL AND TASK_STATE <> 'COMPLETED'"));
  }

  List<String> waitingFor(String node) throws SQLException {
    return names(rows("SELECT TASK_NAME, DESTINED_NODE_ID FROM COORDINATED_TASK_TABLE WHERE DESTINED_NODE_ID = ? AND TASK_STATE = 'NONE'", node));
  }

  void assign(String task, String node) throws SQLException {
    update("UPDATE COORDINATED_TASK_TABLE SET DESTINED_NODE_ID = ?, " + BACK_TO_NONE + " WHERE TASK_NAME = ?", node, task);
  }

  boolean markRunning(String task, String node) throws SQLException {
    return update("UPDATE COORDINATED_TASK_TABLE SET TASK_STATE = 'RUNNING' WHERE TASK_NAME = ? AND DESTINED_NODE_ID = ?", task, node) != 0;
  }

  void unassign(String task) throws SQLException {
    update("UPDATE COORDINATED_TASK_TABLE SET DESTINED_NODE_ID = NULL, " + BACK_TO_NONE + " WHERE TASK_NAME = ?", task);
  }

  void unassignAllOf(String node) throws SQLException {
    update("UPDATE COORDINATED_TASK_TABLE SET DESTINED_NODE_ID = NULL, " + BACK_TO_NONE + " WHERE DESTINED_NODE_ID = ? AND TASK_STATE <> 'COMPLETED'", node);
  }

  void delete(String task) throws SQLException { update("DELETE FROM COORDINATED_TASK_TABLE WHERE TASK_NAME = ?", task); }

  void deleteAllOf(String node) throws SQLException { update("DELETE FROM COORDINATED_TASK_TABLE WHERE DESTINED_NODE_ID = ?", node); }

  private static List<String> names(List<Row> rows) {
    List<String> names = new ArrayList<>();
    for (Row row : rows) names.add(row.task());
    return names;
  }

  private List<Row> rows(String sql, Object... values) throws SQLException {
    return connections.run(connection -> {
      try (PreparedStatement statement = MembershipTables.prepare(connection, sql, values); ResultSet found = statement.executeQuery()) {
        List<Row> rows = new ArrayList<>();
        while (found.next()) rows.add(new Row(found.getString(1), found.getString(2)));
        return rows;
      }
    });
  }

  private int update(String sql, Object... values) throws SQLException {
    return connections.run(connection -> {
      try (PreparedStatement statement = MembershipTables.prepare(connection, sql, values)) { return statement.executeUpdate(); }
    });
  }
}
