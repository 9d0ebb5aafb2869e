package standin;

import java.sql.Connection;
import java.sql.Driver;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Properties;

/** A small pool over the driver that the datasource names, found among the jars of lib and dropins or not at all. */
final class Connections {
  /** Work on a connection: committed when it returns, rolled back when it throws. */
  interface Work<T> { T with(Connection connection) throws SQLException; }

  private final Coordinates datasource;
  private final Deque<Connection> idle = new ArrayDeque<>();
  private Driver driver;

  Connections(Coordinates datasource) { this.datasource = datasource; }

  <T> T run(Work<T> work) throws SQLException {
    Connection connection = borrow();
    try {
      T result = work.with(connection);
      connection.commit();
      synchronized (idle) { idle.push(connection); }
      return result;
    } catch (SQLException error) {
      discard(connection);
      throw error;
    }
  }

  private Connection borrow() throws SQLException {
    while (true) {
      Connection connection;
      synchronized (idle) { connection = idle.poll(); }
      if (connection == null) return open();
      if (connection.isValid(2)) return connection;
      discard(connection);
    }
  }

  /** A connection that nobody else will be given. */
  Connection open() throws SQLException {
    Properties properties = new Properties();
    if (datasource.username() != null) properties.setProperty("user", datasource.username());
    if (datasource.password() != null) properties.setProperty("password", datasource.password());
    Connection connection = driver().connect(datasource.url(), properties);
    if (connection == null) throw new SQLException("Driver:" + datasource.driver() + " returned null for URL:" + datasource.url());
    connection.setAutoCommit(false);
    return connection;
  }

  private synchronized Driver driver() throws SQLException {
    if (driver != null) return driver;
    try {
      Class<?> found = Class.forName(String.valueOf(datasource.driver()), true, Thread.currentThread().getContextClassLoader());
      driver = (Driver) found.getDeclaredConstructor().newInstance();
      return driver;
    } catch (ReflectiveOperationException error) {
      throw new SQLException("Unable to load class: " + datasource.driver(), error);
    }
  }

  private static void discard(Connection connection) {
    try { connection.rollback(); } catch (SQLException gone) { /* closed below whatever state it is in */ }
    try { connection.close(); } catch (SQLException gone) { /* the server has closed it already */ }
  }
}
