/**
 * A program of Java that speaks to any database through its driver: without statements it tells what is there, with them it runs them, one after the other, up to the first that fails.
 * It travels as source and is compiled on the host, so that it fits the host's own Java, from version 8 on. Passwords reach it on standard input alone.
 */
export const JDBC_PROGRAM = String.raw`import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.SortedSet;
import java.util.TreeSet;

/** Reads from standard input, one line each, a word and a text in base64: url, user, password, class, farewell, session, wanted, and statements by the line where they begin. */
public final class Jdbc {
  private final Map<String, String> said = new HashMap<>();
  private final List<String[]> statements = new ArrayList<>();
  private final PrintStream out;
  private final PrintStream err;

  private Jdbc() throws Exception {
    out = new PrintStream(System.out, true, "UTF-8");
    err = new PrintStream(System.err, true, "UTF-8");
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      int blank = line.indexOf(' ');
      String word = line.substring(0, blank);
      String text = new String(Base64.getDecoder().decode(line.substring(blank + 1)), StandardCharsets.UTF_8);
      if (Character.isDigit(word.charAt(0))) statements.add(new String[] { word, text });
      else said.put(word, text);
    }
  }

  public static void main(String[] arguments) throws Exception {
    Jdbc program = new Jdbc();
    boolean done = program.statements.isEmpty() ? program.look() : program.run();
    System.exit(done ? 0 : 1);
  }

  private Connection connect() throws SQLException {
    if (said.containsKey("class")) {
      try {
        Class.forName(said.get("class"));
      } catch (ClassNotFoundException absent) {
        throw new SQLException("the jars hold no class " + said.get("class"), "08001", absent);
      }
    }
    Properties access = new Properties();
    for (String word : new String[] { "user", "password" }) if (said.containsKey(word)) access.setProperty(word, said.get(word));
    DriverManager.setLoginTimeout(10);
    return DriverManager.getConnection(said.get("url"), access);
  }

  /** An embedded database is closed as its driver wants it: what it is told then, it answers with an exception. */
  private void leave() {
    if (!said.containsKey("farewell")) return;
    try {
      DriverManager.getConnection(said.get("farewell")).close();
    } catch (SQLException answer) {
      // that is how it says that it is closed
    }
  }

  private boolean look() throws SQLException {
    try (Connection connection = connect()) {
      DatabaseMetaData server = connection.getMetaData();
      out.println("product\t" + plain(server.getDatabaseProductName()) + "\t" + plain(server.getDatabaseProductVersion()));
      for (String table : tables(connection)) out.println("table\t" + plain(table));
    } catch (SQLException refused) {
      for (SQLException one = refused; one != null; one = one.getNextException()) {
        // the same answer every time: without this directory's name and the connection's number
        String message = plain(one.getMessage()).replace(System.getProperty("user.dir"), ".").replaceAll("\\(conn=\\d+\\) ?", "");
        out.println("refused\t" + one.getSQLState() + "\t" + one.getErrorCode() + "\t" + message);
      }
    }
    leave();
    return true;
  }

  private boolean run() throws SQLException {
    try (Connection connection = connect()) {
      return run(connection);
    } catch (SQLException refused) {
      err.println("the database does not let this host in: " + described(refused));
      return false;
    } finally {
      leave();
    }
  }

  private boolean run(Connection connection) throws SQLException {
    DatabaseMetaData server = connection.getMetaData();
    // where tables can be taken back, nothing is left half done
    boolean whole = server.supportsDataDefinitionAndDataManipulationTransactions() && !server.dataDefinitionCausesTransactionCommit();
    if (said.containsKey("session")) execute(connection, said.get("session"));
    connection.setAutoCommit(!whole);
    int number = 0;
    for (String[] statement : statements) {
      number++;
      try {
        if (!statement[1].trim().matches("(?i)COMMIT(\\s+WORK)?")) execute(connection, statement[1]);
        else if (whole) connection.commit();
      } catch (SQLException wrong) {
        err.println("statement " + number + " of " + statements.size() + ", line " + statement[0] + ": " + described(wrong));
        err.println("  " + plain(statement[1].length() > 200 ? statement[1].substring(0, 200) : statement[1]));
        if (whole) connection.rollback();
        err.println("the script stopped" + (whole ? ", and what it had done was taken back" : "") + "; tables now:");
        for (String table : tables(connection)) err.println(plain(table));
        if (whole) connection.rollback();
        return false;
      }
    }
    if (whole) connection.commit();
    SortedSet<String> there = new TreeSet<>();
    for (String table : tables(connection)) there.add(table.toUpperCase(Locale.ROOT));
    if (whole) connection.commit();
    out.println(number + " statements, " + there.size() + " tables");
    boolean complete = true;
    for (String table : said.get("wanted").split("\n")) {
      if (there.contains(table)) continue;
      err.println("the script has run, and there is no table " + table);
      complete = false;
    }
    return complete;
  }

  private static void execute(Connection connection, String text) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.setEscapeProcessing(false);
      boolean rows = statement.execute(text);
      // an error of a later part of a batch shows only when its result is asked for
      while (rows || statement.getUpdateCount() != -1) rows = statement.getMoreResults();
    }
  }

  private static SortedSet<String> tables(Connection connection) throws SQLException {
    String schema = null;
    try {
      schema = connection.getSchema();
    } catch (SQLException | AbstractMethodError older) {
      // a driver older than the question: tables of all schemas count
    }
    SortedSet<String> names = new TreeSet<>();
    try (ResultSet rows = connection.getMetaData().getTables(connection.getCatalog(), schema, "%", null)) {
      while (rows.next()) {
        String in = rows.getString("TABLE_SCHEM");
        String type = rows.getString("TABLE_TYPE");
        if (schema != null && in != null && !schema.equals(in)) continue; // the schema is a pattern
        if (type != null && type.endsWith("TABLE") && !type.contains("SYSTEM") && !type.contains("TEMPORARY")) names.add(rows.getString("TABLE_NAME"));
      }
    }
    return names;
  }

  private static String described(SQLException wrong) {
    return "SQLState " + wrong.getSQLState() + ", code " + wrong.getErrorCode() + ": " + plain(wrong.getMessage());
  }

  private static String plain(String text) {
    return text == null ? "" : text.replaceAll("[\\s\\p{Cntrl}]+", " ").trim();
  }
}
`
