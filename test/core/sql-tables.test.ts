import { describe, expect, it } from 'vitest'
import { createdTables } from '../../src/core/sql-tables.js'

describe('createdTables', () => {
  it('reads tables past comments, strings and quoted names', () => {
    const script = `-- CREATE TABLE A (x INT);
# CREATE TABLE B (x INT);
/* CREATE TABLE C (x INT); */
/*!40101 SET NAMES utf8 */;
CREATE TABLE IF NOT EXISTS \`Odd\`\`Name\` (x VARCHAR(9) DEFAULT 'it''s; \\'; CREATE TABLE D (');
create table First(x int) ENGINE INNODB; CREATE TEMPORARY TABLE Gone (x INT);
INSERT INTO First VALUES ("CREATE TABLE E (x INT);");
CREATE UNIQUE INDEX I ON First (x);
/*!50001 CREATE TABLE Executed (x INT) */;
CREATE OR REPLACE VIEW V AS SELECT 1 - 1--1;`
    expect(createdTables(script, 'mysql')).toEqual({ tables: ['Executed', 'First', 'Odd`Name'], certain: true })
  })

  it('reads PostgreSQL: nested comments, dollar quotes, folded and quoted names', () => {
    const script = `/* a /* CREATE TABLE x (); */ CREATE TABLE y (); */
CREATE UNLOGGED TABLE Upper (t text DEFAULT E'\\'; CREATE TABLE z ()');
CREATE TABLE public."Mixed""Case" (t text DEFAULT 'back\\');
CREATE FUNCTION f() RETURNS void AS $body$ BEGIN CREATE TABLE inside (); END; $body$ LANGUAGE plpgsql;
SELECT setval('s', 1);
CREATE SEQUENCE s; CREATE TABLE last (x int)`
    expect(createdTables(script, 'postgresql')).toEqual({ tables: ['Mixed"Case', 'last', 'upper'], certain: true })
  })

  it('passes over procedures between other delimiters', () => {
    const script = 'DELIMITER //\nCREATE PROCEDURE p() BEGIN CREATE TABLE t (x INT); SELECT 1; END //\nDELIMITER ;\nCREATE TABLE u (x INT);'
    expect(createdTables(script, 'mysql')).toEqual({ tables: ['u'], certain: true })
  })

  it('forgets tables that are dropped again', () => {
    expect(createdTables('DROP TABLE IF EXISTS a, b; CREATE TABLE a (x INT); CREATE TABLE b (x INT); DROP TABLE b;', 'mysql')).toEqual({ tables: ['a'], certain: true })
  })

  it.each([
    ['mysql', 'USE other'], ['mysql', 'GRANT ALL ON x TO y'], ['mysql', 'CALL p()'], ['mysql', 'CREATE TABLE other.t (x INT)'], ['mysql', 'CREATE DATABASE d'],
    ['mysql', 'ALTER TABLE a RENAME TO b'], ['mysql', 'RENAME TABLE a TO b'], ['mysql', 'SELECT 1 INTO OUTFILE "x"'], ['mysql', 'DROP DATABASE d'], ['mysql', '(SELECT 1)'],
    ['mysql', 'CREATE TABLE'], ['mysql', 'CREATE TABLE x.'], ['postgresql', '\\connect other'], ['postgresql', 'SELECT 1 INTO t'], ['postgresql', 'CREATE TABLE other.t ()'], ['postgresql', 'DO $$ BEGIN END $$'],
  ] as const)('says of %s that it cannot follow: %s', (dialect, script) => expect(createdTables(script, dialect).certain).toBe(false))

  it.each([
    ['mysql', 'ALTER TABLE a RENAME COLUMN x TO y'], ['mysql', 'ALTER TABLE a ADD COLUMN x INT'], ['mysql', 'DROP INDEX i ON a'], ['mysql', 'ALTER VIEW v AS SELECT 1'],
    ['mysql', "CREATE DEFINER='a'@'b' TRIGGER t BEFORE INSERT ON x FOR EACH ROW SET NEW.y = 1"], ['postgresql', 'COMMENT ON TABLE a IS $$CREATE TABLE x ();$$'], ['postgresql', '/* open'],
    ['mysql', '/* open'], ['mysql', 'DELIMITER'],
  ] as const)('follows %s: %s', (dialect, script) => expect(createdTables(script, dialect)).toEqual({ tables: [], certain: true }))
})
