package standin;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The subset of TOML that deployment.toml uses: tables, arrays of tables, dotted keys, strings of all four kinds, integers, floats,
 * booleans, arrays, inline tables. Anything else, a duplicate key and a duplicate table are errors that know their line.
 */
final class Toml {
  /** A text that is not TOML, and where. */
  static final class SyntaxError extends Exception {
    final int line;
    SyntaxError(int line, String message) { super(message); this.line = line; }
  }

  private final String text;
  private int at;
  private final Set<String> headers = new HashSet<>();
  private final Map<String, Object> root = new LinkedHashMap<>();

  private Toml(String text) { this.text = text; }

  static Map<String, Object> parse(String text) throws SyntaxError { return new Toml(text).document(); }

  private Map<String, Object> document() throws SyntaxError {
    Map<String, Object> table = root;
    while (true) {
      skipBlankLines();
      if (at >= text.length()) return root;
      if (peek() == '[') table = header();
      else {
        keyValue(table);
        endOfLine();
      }
    }
  }

  private Map<String, Object> header() throws SyntaxError {
    boolean element = text.startsWith("[[", at);
    at += element ? 2 : 1;
    skipSpaces();
    List<String> path = key();
    skipSpaces();
    expect(element ? "]]" : "]");
    Map<String, Object> parent = descend(root, path.subList(0, path.size() - 1));
    String last = path.get(path.size() - 1);
    Object present = parent.get(last);
    Map<String, Object> table;
    if (element) {
      if (present != null && !(present instanceof List)) throw error("'" + String.join(".", path) + "' is not an array of tables");
      List<Object> list = present == null ? new ArrayList<>() : listOf(present);
      table = new LinkedHashMap<>();
      list.add(table);
      parent.put(last, list);
      String prefix = String.join(".", path) + ".";
      headers.removeIf(name -> name.startsWith(prefix));
    } else {
      if (!headers.add(String.join(".", path))) throw error("table '" + String.join(".", path) + "' is defined twice");
      if (present != null && !(present instanceof Map)) throw error("'" + String.join(".", path) + "' is not a table");
      table = present == null ? new LinkedHashMap<>() : mapOf(present);
      parent.put(last, table);
    }
    endOfLine();
    return table;
  }

  private void keyValue(Map<String, Object> table) throws SyntaxError {
    List<String> path = key();
    skipSpaces();
    expect("=");
    skipSpaces();
    Map<String, Object> target = descend(table, path.subList(0, path.size() - 1));
    String last = path.get(path.size() - 1);
    if (target.containsKey(last)) throw error("key '" + String.join(".", path) + "' is defined twice");
    target.put(last, value());
  }

  private Map<String, Object> descend(Map<String, Object> from, List<String> path) throws SyntaxError {
    Map<String, Object> table = from;
    for (String name : path) {
      Object next = table.computeIfAbsent(name, absent -> new LinkedHashMap<String, Object>());
      if (next instanceof List && !listOf(next).isEmpty()) next = listOf(next).get(listOf(next).size() - 1);
      if (!(next instanceof Map)) throw error("'" + name + "' is not a table");
      table = mapOf(next);
    }
    return table;
  }

  private List<String> key() throws SyntaxError {
    List<String> path = new ArrayList<>();
    do {
      if (!path.isEmpty()) at++;
      skipSpaces();
      if (at < text.length() && (peek() == '"' || peek() == '\'')) path.add(string());
      else {
        int start = at;
        while (at < text.length() && (Character.isLetterOrDigit(peek()) && peek() < 128 || peek() == '_' || peek() == '-')) at++;
        if (start == at) throw error("expected a key, found " + found());
        path.add(text.substring(start, at));
      }
      skipSpaces();
    } while (at < text.length() && peek() == '.');
    return path;
  }

  private Object value() throws SyntaxError {
    if (at >= text.length()) throw error("expected a value, found the end of the file");
    char first = peek();
    if (first == '"' || first == '\'') return string();
    if (first == '[') return array();
    if (first == '{') return inlineTable();
    int start = at;
    while (at < text.length() && ",]}#\n\r \t".indexOf(peek()) < 0) at++;
    String word = text.substring(start, at);
    if (word.equals("true") || word.equals("false")) return Boolean.valueOf(word);
    String plain = word.replace("_", "");
    if (plain.matches("[+-]?(0|[1-9][0-9]*)")) return Long.valueOf(plain);
    if (plain.matches("[+-]?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?")) return Double.valueOf(plain);
    if (word.matches("\\d{4}-\\d{2}-\\d{2}.*")) return word;
    throw error("expected a value, found " + (word.isEmpty() ? found() : "'" + word + "'"));
  }

  private List<Object> array() throws SyntaxError {
    at++;
    List<Object> list = new ArrayList<>();
    while (true) {
      skipBlankLines();
      if (at < text.length() && peek() == ']') break;
      list.add(value());
      skipBlankLines();
      if (at < text.length() && peek() == ',') at++;
      else break;
    }
    expect("]");
    return list;
  }

  private Map<String, Object> inlineTable() throws SyntaxError {
    at++;
    Map<String, Object> table = new LinkedHashMap<>();
    skipSpaces();
    while (at < text.length() && peek() != '}') {
      keyValue(table);
      skipSpaces();
      if (at < text.length() && peek() == ',') at++;
      else break;
      skipSpaces();
    }
    expect("}");
    return table;
  }

  private String string() throws SyntaxError {
    char quote = peek();
    String triple = String.valueOf(quote).repeat(3);
    boolean multiline = text.startsWith(triple, at);
    at += multiline ? 3 : 1;
    if (multiline && text.startsWith("\r\n", at)) at += 2;
    else if (multiline && text.startsWith("\n", at)) at++;
    StringBuilder out = new StringBuilder();
    while (true) {
      if (at >= text.length()) throw error("unterminated string");
      char c = text.charAt(at++);
      if (multiline && c == quote && text.startsWith(triple, at - 1)) { at += 2; return out.toString(); }
      if (!multiline && c == quote) return out.toString();
      if (!multiline && c == '\n') { at--; throw error("unterminated string"); }
      if (c == '\\' && quote == '"') escape(out, multiline);
      else out.append(c);
    }
  }

  private void escape(StringBuilder out, boolean multiline) throws SyntaxError {
    if (at >= text.length()) throw error("unterminated string");
    char c = text.charAt(at++);
    int simple = "btnfr\"\\".indexOf(c);
    if (simple >= 0) out.append("\b\t\n\f\r\"\\".charAt(simple));
    else if (c == 'u' || c == 'U') {
      int length = c == 'u' ? 4 : 8;
      String digits = text.substring(at, Math.min(text.length(), at + length));
      if (!digits.matches("[0-9a-fA-F]{" + length + "}")) throw error("bad unicode escape");
      out.appendCodePoint(Integer.parseInt(digits, 16));
      at += length;
    } else if (multiline && Character.isWhitespace(c)) {
      while (at < text.length() && Character.isWhitespace(peek())) at++;
    } else throw error("unknown escape '\\" + c + "'");
  }

  private char peek() { return text.charAt(at); }

  private void expect(String token) throws SyntaxError {
    if (!text.startsWith(token, at)) throw error("expected '" + token + "', found " + found());
    at += token.length();
  }

  private void endOfLine() throws SyntaxError {
    skipSpaces();
    skipComment();
    if (text.startsWith("\r\n", at)) at += 2;
    else if (at < text.length() && peek() == '\n') at++;
    else if (at < text.length()) throw error("expected the end of the line, found " + found());
  }

  private void skipSpaces() { while (at < text.length() && (peek() == ' ' || peek() == '\t')) at++; }

  private void skipComment() { if (at < text.length() && peek() == '#') while (at < text.length() && peek() != '\n') at++; }

  private void skipBlankLines() {
    int before;
    do {
      before = at;
      while (at < text.length() && Character.isWhitespace(peek())) at++;
      skipComment();
    } while (at != before);
  }

  private String found() { return at >= text.length() ? "the end of the file" : peek() == '\n' ? "the end of the line" : "'" + peek() + "'"; }

  private SyntaxError error(String message) {
    return new SyntaxError(1 + (int) text.substring(0, Math.min(at, text.length())).chars().filter(c -> c == '\n').count(), message);
  }

  @SuppressWarnings("unchecked")
  static Map<String, Object> mapOf(Object value) { return (Map<String, Object>) value; }

  @SuppressWarnings("unchecked")
  static List<Object> listOf(Object value) { return (List<Object>) value; }
}
