package standin;

/** What a datasource says of its database. */
record Coordinates(String url, String username, String password, String driver) { }
