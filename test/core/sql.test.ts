import { describe, expect, it } from 'vitest'
import { Secret, reveal } from '../../src/core/secret.js'
import { sqlName, sqlText } from '../../src/core/sql.js'

describe('sqlText', () => {
  it('quotes for each dialect', () => {
    expect(sqlText("it's", 'mysql')).toBe("'it''s'")
    expect(sqlText('a\\b', 'mysql')).toBe("'a\\\\b'")
    expect(sqlText('a\\b', 'postgresql')).toBe("E'a\\\\b'")
  })
  it('keeps a secret one', () => {
    const text = sqlText(new Secret("p'w"), 'mysql')
    expect(text).toBeInstanceOf(Secret)
    expect(reveal(text)).toBe("'p''w'")
    expect(String(text)).not.toContain('p')
  })
})

describe('sqlName', () => {
  it('quotes for each dialect', () => {
    expect(sqlName('a`b', 'mysql')).toBe('`a``b`')
    expect(sqlName('a"b', 'postgresql')).toBe('"a""b"')
  })
})
