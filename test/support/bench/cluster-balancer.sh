
site=$(cat <<END_OF_SITE
# written by provision
# a connection is kept only where the node is not told to close it: it would be used once more while the node ends it
map \$http_upgrade \$mi_connection { default upgrade; '' ''; }
# only the balancer itself is told who answered
map \$remote_addr \$mi_served_by { default ''; 127.0.0.1 \$upstream_addr; $balancer \$upstream_addr; }

# the workers share what they know of the nodes: one that is found to be back is back for all
upstream up_mi_http {
  zone up_mi_http 64k;
  server $first:8290 max_fails=2 fail_timeout=10s;
  server $second:8290 max_fails=2 fail_timeout=10s;
  keepalive 32;
  keepalive_timeout 15s;
}
upstream up_mi_https {
  zone up_mi_https 64k;
  server $first:8253 max_fails=2 fail_timeout=10s;
  server $second:8253 max_fails=2 fail_timeout=10s;
  keepalive 32;
  keepalive_timeout 15s;
}

server {
  listen 80;
  server_name $service;
  access_log /var/log/nginx/mi-http.access.log;
  error_log /var/log/nginx/mi-http.error.log;
  client_max_body_size 100m;
  location / {
    proxy_pass http://up_mi_http;
    proxy_http_version 1.1;
    proxy_set_header Host \$host;
    proxy_set_header X-Forwarded-For \$proxy_add_x_forwarded_for;
    proxy_set_header X-Forwarded-Proto \$scheme;
    proxy_set_header Upgrade \$http_upgrade;
    proxy_set_header Connection \$mi_connection;
    proxy_next_upstream error timeout;
    add_header X-Served-By \$mi_served_by;
  }
}

server {
  listen 443 ssl http2;
  server_name $service;
  ssl_certificate /opt/provision/pki/$service.pem;
  ssl_certificate_key /opt/provision/pki/$service.key;
  ssl_protocols TLSv1.2 TLSv1.3;
  access_log /var/log/nginx/mi-https.access.log;
  error_log /var/log/nginx/mi-https.error.log;
  client_max_body_size 100m;
  location / {
    proxy_pass https://up_mi_https;
    proxy_ssl_server_name on;
    proxy_ssl_name $service;
    proxy_ssl_verify on;
    proxy_ssl_trusted_certificate /opt/provision/pki/ca.pem;
    proxy_http_version 1.1;
    proxy_set_header Host \$host;
    proxy_set_header X-Forwarded-For \$proxy_add_x_forwarded_for;
    proxy_set_header X-Forwarded-Proto \$scheme;
    proxy_set_header Upgrade \$http_upgrade;
    proxy_set_header Connection \$mi_connection;
    proxy_next_upstream error timeout;
    add_header X-Served-By \$mi_served_by;
  }
}
END_OF_SITE
)

reach() {
  said=
  for request in 1 2 3 4 5 6 7 8; do
    said=$said$(curl -sSf -o /dev/null -D - --cacert /opt/provision/pki/ca.pem "https://$service/") || return 1
  done
  case $said in *"$first"*) ;; *) return 1 ;; esac
  case $said in *"$second"*) ;; *) return 1 ;; esac
}

reload=false
certificate /opt/provision/pki "$service" root "$service" "$host" "$address"
package nginx curl
absent /etc/nginx/sites-enabled/default
! file /etc/nginx/conf.d/micro-integrator.conf 644 root:root "$site" || reload=true
runs nginx
if $reload; then nginx -t -q && systemctl reload nginx || die nginx; fi
within 60 reach
end
