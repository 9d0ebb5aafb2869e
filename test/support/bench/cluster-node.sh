
toml=$(cat <<END_OF_TOML
# written by provision
[server]
hostname = "$service"

[transport.http]
listener.secured_protocols = "TLSv1.2"
sender.secured_protocols = "TLSv1.2"

[keystore.primary]
file_name = "repository/resources/security/node.p12"
type = "PKCS12"
password = "$keystore_password"
alias = "node"
key_password = "$keystore_password"

[keystore.tls]
file_name = "repository/resources/security/node.p12"
type = "PKCS12"
password = "$keystore_password"
alias = "node"
key_password = "$keystore_password"

[truststore]
file_name = "repository/resources/security/trust.p12"
type = "PKCS12"
password = "$keystore_password"
alias = "symmetric.key.value"
algorithm = "AES"

[[internal_apis.users]]
user.name = "mi-admin"
user.password = "$admin_password"
user.is_admin = true

[cluster_config]
node_id = "$host"

# the id is the product's; the database's name is free
[[datasource]]
id = "WSO2_COORDINATION_DB"
url = "jdbc:mariadb://$database:3306/clusterdb"
driver = "org.mariadb.jdbc.Driver"
username = "mi"
password = "$database_password"
pool_options.maxActive = 50
pool_options.maxWait = 60000
pool_options.testOnBorrow = true
pool_options.validationQuery = "SELECT 1"

[task_handling]
# texts, as the product takes no numbers here
resolving_period = "2"
resolving_frequency = "5"
END_OF_TOML
)
task=$(cat <<'END_OF_TASK'
<?xml version="1.0" encoding="UTF-8"?>
<task xmlns="http://ws.apache.org/ns/synapse" name="sample-task" class="org.apache.synapse.startup.tasks.MessageInjector" group="synapse.simple.quartz">
  <trigger interval="5000"/>
  <property xmlns:task="http://www.wso2.org/products/wso2commons/tasks" name="message">
    <test xmlns="">sample-task</test>
  </property>
</task>
END_OF_TASK
)
unit=$(cat <<END_OF_UNIT
[Unit]
Description=Micro Integrator
After=network-online.target
StartLimitIntervalSec=600
StartLimitBurst=10

[Service]
User=wso2
Group=wso2
UMask=0027
WorkingDirectory=$home
Environment=JAVA_HOME=/usr/lib/jvm/java-17-openjdk-amd64
Environment=JVM_MEM_OPTS="-Xms64m -Xmx256m"
RuntimeDirectory=mi
RuntimeDirectoryPreserve=yes
# a node that comes back within 15 s of its last heartbeat would start outside the cluster
ExecStartPre=/bin/sh -c 'while [ -e /run/mi/ended ] && [ \$\$(( \$\$(date +%%s) - \$\$(stat -c %%Y /run/mi/ended) )) -lt 17 ]; do sleep 1; done'
ExecStart=/bin/sh $home/bin/micro-integrator.sh
ExecStopPost=/bin/sh -c ': > /run/mi/ended'
KillMode=control-group
SuccessExitStatus=143
Restart=always
RestartSec=20
TimeoutStartSec=60
TimeoutStopSec=120
LimitNOFILE=65536

[Install]
WantedBy=multi-user.target
END_OF_UNIT
)
configuration=$home/conf
security=$home/repository/resources/security
tasks=$home/repository/deployment/server/synapse-configs/default/tasks

# keystore PATH CERTIFICATE: its first certificate is this one
keystore() {
  access "$1" 640 wso2:wso2
  wanted=$(openssl x509 -in "$2" -noout -fingerprint -sha256)
  [ "$(printf '%s\n' "$keystore_password" | openssl pkcs12 -in "$1" -nokeys -passin stdin 2>/dev/null | openssl x509 -noout -fingerprint -sha256)" = "$wanted" ] || die "$1"
  is
}

serves() {
  curl -sf -o /dev/null http://127.0.0.1:8290/ && case $(curl -sf http://127.0.0.1:9201/healthz) in *ready*) ;; *) return 1 ;; esac &&
    curl -sf -o /dev/null --cacert /opt/wso2/pki/ca.pem "https://$host:8253/" &&
    printf 'user = "mi-admin:%s"\n' "$admin_password" | curl -sf -o /dev/null -K - --cacert /opt/wso2/pki/ca.pem "https://$host:9164/management/login"
}

joined() {
  said=$(journalctl --no-pager -q -o cat _SYSTEMD_INVOCATION_ID="$(systemctl show -p InvocationID --value mi)")
  case $said in *"Successfully joined the cluster with id [$host]"*) ;; *) return 1 ;; esac
  case $said in *'Micro Integrator started in'*) ;; *) return 1 ;; esac
}

restart=false
entry=$(getent passwd wso2) || die wso2
[ "${entry#*:*:*:*:*:}" = /var/lib/wso2:/usr/sbin/nologin ] && [ "$(id -gn wso2)" = wso2 ] || die wso2
is
! file /etc/security/limits.d/90-wso2-nofile.conf 644 root:root "wso2 soft nofile 65536${newline}wso2 hard nofile 65536" || :
! file /etc/security/limits.d/90-wso2-nproc.conf 644 root:root "wso2 soft nproc 20000${newline}wso2 hard nproc 20000" || :
directory /opt/wso2 755 root:root
package unzip procps curl openjdk-17-jre-headless openssl
[ "$(cat "$home/.provision-archive")" = "$sha256" ] || die "$home"
is
[ "$(readlink /opt/wso2/mi)" = "$home" ] || die /opt/wso2/mi
is
directory "$configuration" 750 wso2:wso2
[ "$(sha256sum < "$home/lib/mariadb-java-client.jar")" = "$driver  -" ] || die "$home/lib"
access "$home/lib/mariadb-java-client.jar" 644 wso2:wso2
certificate /opt/wso2/pki "$host" wso2 "$service" "$host" "$address" localhost 127.0.0.1
absent "$security/wso2carbon.jks"
absent "$security/client-truststore.jks"
! file "$configuration/deployment.toml" 640 wso2:wso2 "$toml" || restart=true
directory "$tasks" 755 wso2:wso2
! file "$tasks/sample-task.xml" 644 wso2:wso2 "$task" || restart=true
! file /etc/systemd/system/mi.service 644 root:root "$unit" || { systemctl daemon-reload; restart=true; }
keystore "$security/node.p12" "/opt/wso2/pki/$host.pem"
keystore "$security/trust.p12" /opt/wso2/pki/ca.pem
if $restart; then systemctl restart mi || die mi; fi
runs mi
within 90 serves
within 90 joined
end
