
sql() { mariadb --batch --skip-column-names "$@"; }
number() { [ "$(echo "$2" | sql clusterdb)" = "$1" ]; }

directory /etc/mysql/mariadb.conf.d 755 root:root
package mariadb-server
! file /etc/mysql/mariadb.conf.d/60-provision.cnf 644 root:root "[mariadbd]
bind-address = $address
skip-name-resolve = 1" || systemctl restart mariadb || die mariadb
runs mariadb
[ "$(echo "SELECT default_collation_name FROM information_schema.schemata WHERE schema_name = 'clusterdb'" | sql)" = latin1_swedish_ci ] || die clusterdb
is
for client in "$first" "$second"; do
  # the password goes in by standard input alone
  [ "$(printf "SELECT COUNT(*) FROM mysql.user u JOIN mysql.db d USING (user, host) WHERE u.user = 'mi' AND u.host = '%s' AND u.authentication_string = PASSWORD('%s') AND d.db = 'clusterdb' AND d.create_priv = 'Y'\n" "$client" "$database_password" | sql)" = 1 ] || die "mi@$client"
  is
done
number 5 "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'clusterdb'" || die tables
is
within 90 number 2 "SELECT COUNT(*) FROM CLUSTER_NODE_STATUS_TABLE WHERE LAST_HEARTBEAT > UNIX_TIMESTAMP(NOW(3)) * 1000 - 15000"
within 90 number 1 "SELECT COUNT(*) FROM LEADER_STATUS_TABLE"
within 90 number 1 "SELECT COUNT(DISTINCT DESTINED_NODE_ID) FROM COORDINATED_TASK_TABLE WHERE TASK_STATE = 'RUNNING'"
end
