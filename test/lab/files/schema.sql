-- Tables of a small cluster, for every server.
CREATE TABLE leader (group_id VARCHAR(200) NOT NULL, node_id VARCHAR(200) NOT NULL, PRIMARY KEY (group_id));
CREATE TABLE node_status (group_id VARCHAR(200) NOT NULL, node_id VARCHAR(200) NOT NULL, last_heartbeat BIGINT NOT NULL, PRIMARY KEY (group_id, node_id));
INSERT INTO leader VALUES ('default', 'it''s; -- nobody');
CREATE INDEX node_status_by_time ON node_status (last_heartbeat);
