import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PlanFile } from '../../src/approval/plan-file.js'
import { visible } from '../../src/core/printable.js'
import { planFileAsPage } from '../../src/report/plan-page.js'
import { folderWith } from '../inventory/files.js'
import { filed, filedChange, hostile, planFileOf, saying } from './given-plan-file.js'

/** Debian's browser, or the one that the environment names. */
const browserPath = process.env['PROVISION_CHROMIUM'] ?? '/usr/bin/chromium'
const missing = existsSync(browserPath) ? undefined : `no browser at ${browserPath}: apt-get install chromium, or say PROVISION_CHROMIUM`
if (missing !== undefined) console.log(`skipped: the page of a plan in a browser: ${missing}`)

const roll = (nth: number) => ({ play: 'Start the nodes, one after the other', batch: { nth, of: 2 } })
const restart = (host: string, nth: number) => filed(host, 'restart web', { ...roll(nth), module: 'restart', verdict: 'change', needs: ['unit:web.service'], risks: ['restart'], changes: [filedChange('restart web.service', [], { holds: ['unit:web.service'] })] })
const file = planFileOf([
  ...['web1', 'web2'].flatMap((host) => [
    filed(host, 'account of the service', { module: 'user' }),
    filed(host, 'configuration', { verdict: 'change', risks: ['secret'], changes: [filedChange('update /etc/web/a-name-that-is-much-longer-than-any-phone-is-wide/and-goes-on-and-on-and-on/web.conf', ['~ …', '- listen 80', `+ listen 443 ${'x'.repeat(200)}`])] }),
    filed(host, 'hidden where it runs', { verdict: 'skipped', reason: "only when type == 'other'" }),
  ]),
  restart('web1', 1), filed('web1', 'web answers', { ...roll(1), module: 'wait-for', verdict: 'deferred', 'known-after': 'restart web', reason: 'waits for "restart web"', arguments: { ports: [443], timeout: 60 } }),
  restart('web2', 2),
], { ticket: 'CHG-4711' })

describe.skipIf(missing !== undefined)(`the page of a plan in a browser${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  let browser: Browser
  let folder: string
  beforeAll(async () => {
    folder = await folderWith({})
    // root has no sandbox of its own
    browser = await chromium.launch({ executablePath: browserPath, args: ['--no-sandbox'] })
  })
  afterAll(() => browser.close())

  /** The page as somebody opens it, with what it asked for and said. */
  const opened = async (plan: PlanFile, options: BrowserContextOptions = {}): Promise<{ readonly page: Page; readonly asked: readonly string[]; readonly said: readonly string[] }> => {
    const path = join(folder, 'plan.html')
    await writeFile(path, planFileAsPage(plan))
    const page = await (await browser.newContext({ viewport: { width: 1100, height: 900 }, ...options })).newPage()
    const asked: string[] = []
    const said: string[] = []
    page.on('request', (request) => asked.push(request.url()))
    page.on('console', (message) => said.push(message.text()))
    page.on('pageerror', (error) => said.push(error.message))
    page.on('dialog', (dialog) => { said.push(dialog.message()); void dialog.dismiss() })
    await page.goto(pathToFileURL(path).href)
    return { page, asked, said }
  }
  const shown = (page: Page, selector: string): Promise<string[]> => page.locator(selector).evaluateAll((found) => found.filter((one) => one.checkVisibility()).map((one) => one.textContent ?? ''))
  const overflow = (page: Page): Promise<number> => page.evaluate('document.documentElement.scrollWidth - window.innerWidth')

  it('asks for nothing beside itself, and obeys its own style and script alone', async () => {
    const { page, asked, said } = await opened(file)
    expect(asked).toEqual([pathToFileURL(join(folder, 'plan.html')).href])
    expect(said).toEqual([])
    expect(await page.locator('#count').textContent()).toBe('9 steps')
    await page.evaluate('{ const own = document.createElement("script"); own.textContent = "document.title = \'taken\'"; document.body.append(own) }')
    await page.evaluate('document.body.append(Object.assign(new Image(), { src: "http://127.0.0.1:1/x.png" }))')
    expect(await page.title()).toBe('bounded: site.yaml for prod')
    expect(said.filter((text) => text.includes('Content Security Policy')).length).toBeGreaterThanOrEqual(2)
  })

  it('shows what a plan says as text, and runs and loads none of it', async () => {
    const hits: string[] = []
    const server = createServer((request, response) => { hits.push(request.url ?? ''); response.end() })
    await new Promise<void>((listening) => { server.listen(0, '127.0.0.1', listening) })
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const attacks = [...hostile, `<img src="http://127.0.0.1:${port}/image" onerror="document.title='taken'">`, `<link rel="stylesheet" href="http://127.0.0.1:${port}/style">`, `<meta http-equiv="refresh" content="0;url=http://127.0.0.1:${port}/away">`, `"><svg onload="document.title='taken'">`, `<iframe src="http://127.0.0.1:${port}/frame"></iframe>`]
    const everywhere = saying(attacks.join(' '))
    const { page, asked, said } = await opened(planFileOf([...everywhere.plan.steps, ...attacks.map((text) => filed('web1', text, { play: text, verdict: 'change', changes: [filedChange(text, [`+ ${text}`])] }))], everywhere.header))
    expect({ asked: asked.length, said }).toEqual({ asked: 1, said: [] })
    expect(await page.locator('script, style, svg:not(.bar), img, iframe, link').count()).toBe(2)
    expect(await page.title()).toContain(visible(attacks.join(' ')).replace(/\s+/g, ' ').slice(0, 50))
    expect(await page.locator('details.step .name').evaluateAll((names) => names.slice(3).map((name) => name.textContent))).toEqual(attacks.map(visible))
    server.close()
    expect(hits).toEqual([])
  })

  it('finds steps by words, host and verdict, also where they are folded', async () => {
    const { page } = await opened(file)
    expect(await shown(page, '.step .name')).toEqual(['configuration', 'configuration', 'restart web', 'web answers', 'restart web'])
    await page.locator('#words').fill('account')
    expect(await shown(page, '.step .name')).toEqual(['account of the service', 'account of the service'])
    expect(await shown(page, '.stage h3')).toEqual(['Nodes 2 change, 2 ok, 2 skipped'])
    expect(await page.locator('#count').textContent()).toBe('Filtered: 2 of 9 steps are shown')
    await page.locator('#host').selectOption('web2')
    expect(await shown(page, '.step .host')).toEqual(['web2'])
    await page.locator('#words').fill('')
    await page.locator('#verdict').selectOption('change')
    expect(await shown(page, '.step .name')).toEqual(['configuration', 'restart web'])
    await page.locator('#words').fill('nothing like it')
    expect(await shown(page, '.step')).toEqual([])
    for (const id of ['host', 'verdict']) await page.locator(`#${id}`).selectOption('')
    await page.locator('#words').fill('')
    expect(await page.locator('.step:visible').count()).toBe(5)
    expect(await page.locator('#count').textContent()).toBe('9 steps')
  })

  it('opens and closes its folds, one by one and all at once', async () => {
    const { page } = await opened(file)
    expect(await shown(page, 'pre .add')).toEqual([])
    await page.locator('details.step summary').first().click()
    expect((await shown(page, 'pre .add')).map((text) => text.slice(0, 14))).toEqual(['+ listen 443 x'])
    await page.locator('#open').click()
    expect(await shown(page, 'pre .add')).toHaveLength(2)
    await page.locator('#close').click()
    expect(await shown(page, 'pre .add')).toEqual([])
    await page.locator('details.step summary').first().focus()
    await page.keyboard.press('Enter')
    expect(await shown(page, 'pre .add')).toHaveLength(1)
  })

  it('is dark for who wants it, and can be read either way', async () => {
    const colours = async (colorScheme: 'light' | 'dark'): Promise<readonly number[]> => {
      const { page } = await opened(file, { colorScheme })
      await page.locator('#open').click()
      // of all text that stands on the page, the least difference from what is behind it, as WCAG 2 measures it
      return page.evaluate(`(() => {
        const parse = (text) => text.match(/[\\d.]+/g).map(Number)
        const light = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0)
        const behind = (one) => { for (let at = one; at; at = at.parentElement) { const [r, g, b, a = 1] = parse(getComputedStyle(at).backgroundColor); if (a > 0) return [r, g, b] } return [255, 255, 255] }
        const ratios = [...document.querySelectorAll('body *')].filter((one) => one.checkVisibility() && [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== '')).map((one) => {
          const [x, y] = [light(parse(getComputedStyle(one).color)), light(behind(one))]
          return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05)
        })
        return [light(parse(getComputedStyle(document.body).backgroundColor)), Math.min(...ratios)]
      })()`)
    }
    const [light, dark] = [await colours('light'), await colours('dark')]
    expect(light[0]).toBeGreaterThan(0.9)
    expect(dark[0]).toBeLessThan(0.05)
    for (const [, contrast] of [light, dark]) expect(contrast).toBeGreaterThanOrEqual(4.5)
  })

  it('fits a phone, with all folds open', async () => {
    const { page } = await opened(file, { viewport: { width: 375, height: 800 } })
    expect(await overflow(page)).toBeLessThanOrEqual(0)
    await page.locator('#open').click()
    await page.evaluate('document.querySelectorAll("details").forEach((fold) => { fold.open = true })')
    expect(await overflow(page)).toBeLessThanOrEqual(0)
    const { page: attacked } = await opened(saying('x'.repeat(400)), { viewport: { width: 375, height: 800 } })
    await attacked.evaluate('document.querySelectorAll("details").forEach((fold) => { fold.open = true })')
    expect(await overflow(attacked)).toBeLessThanOrEqual(0)
  })

  it('prints with its folds open, without what only a screen can do, also where no script runs', async () => {
    for (const javaScriptEnabled of [true, false]) {
      const { page } = await opened(file, { javaScriptEnabled })
      await page.emulateMedia({ media: 'print' })
      const boxes = await page.locator('pre .add, .rest li').evaluateAll((found) => found.map((one) => (one.checkVisibility({ contentVisibilityAuto: true }) ? one.getBoundingClientRect().height : 0)))
      expect(boxes).toHaveLength(6)
      expect(Math.min(...boxes)).toBeGreaterThan(0)
      expect(await page.locator('#words, #open, nav a').filter({ visible: true }).count()).toBe(0)
      await page.context().close()
    }
  })

  it('says nothing by its colour alone: verdicts, signs and forecasts are words', async () => {
    const { page } = await opened(file)
    await page.locator('#open').click()
    expect(new Set(await page.locator('.verdict').allTextContents())).toEqual(new Set(['change', 'deferred', 'ok', 'skipped']))
    expect(await page.locator('pre .add').evaluateAll((lines) => lines.every((line) => line.textContent?.startsWith('+ ') === true))).toBe(true)
    expect(await page.locator('.says').allTextContents()).toEqual(['At least 1 of 2 hosts serves at all times.'])
    expect(await page.locator('.work').allTextContents()).toEqual(expect.arrayContaining([expect.stringContaining(', on the critical path')]))
  })
})
