// node distribution.mjs PRODUCT TOP: writes the files of one distribution below TOP. Layout and names are those of wso2/product-esb v4.9.0:
// modules/distribution/src/main/assembly/bin.xml and wso2/product-ei v6.1.1: distribution/src/assembly/bin.xml; all texts are the stand-in's own.
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { writeScripts } from './dbscripts.mjs'

const here = import.meta.dirname
const [, , product, top] = process.argv

const write = (path, text, mode = 0o644) => {
  const target = join(top, path)
  mkdirSync(dirname(target), { recursive: true })
  writeFileSync(target, text)
  chmodSync(target, mode)
}
const directories = (...paths) => paths.forEach((path) => mkdirSync(join(top, path), { recursive: true }))
/** A template with its tokens filled in; one that is left is a mistake of this script. */
const filled = (file, tokens) => readFileSync(join(here, file), 'utf8').replace(/@([A-Z_]+)@/g, (_whole, name) => {
  if (tokens[name] === undefined) throw new Error(`${file}: @${name}@ has no value`)
  return tokens[name]
})

const keys = ['keystore', 'truststore'].map((name) => {
  const [kind, file, more] = name === 'keystore' ? ['KeyStore', 'wso2carbon.jks', '\n        <KeyPassword>wso2carbon</KeyPassword>'] : ['TrustStore', 'client-truststore.jks', '']
  return `    <parameter name="${name}" locked="false">\n      <${kind}>\n        <Location>repository/resources/security/${file}</Location>\n        <Type>JKS</Type>\n`
    + `        <Password>wso2carbon</Password>${more}\n      </${kind}>\n    </parameter>`
}).join('\n')
const indexing = `  <indexingConfiguration>
    <startIndexing>false</startIndexing>
    <startingDelayInSeconds>35</startingDelayInSeconds>
    <indexingFrequencyInSeconds>3</indexingFrequencyInSeconds>
    <batchSize>50</batchSize>
    <indexerPoolSize>50</indexerPoolSize>
    <lastAccessTimeLocation>/_system/local/repository/components/org.wso2.carbon.registry/indexing/lastaccesstime</lastAccessTimeLocation>
    <indexers/>
    <exclusions>
      <exclusion pathRegEx="/_system/config/repository/dashboards/gadgets/swfobject1-5/.*[.]html"/>
    </exclusions>
  </indexingConfiguration>`
const commentedNames = `  <!-- The name by which clients call, and that of the console, where they differ from this machine's:
  <HostName>www.wso2.org</HostName>
  <MgtHostName>mgt.wso2.org</MgtHostName>
  -->`

/** One profile: where its home and its configuration lie, and what its files say. */
const profiles = {
  esb: {
    home: '', conf: 'repository/conf', scripts: 'esb', script: 'bin/wso2server.sh', keystores: 'esb', source: 'wso2/carbon-kernel v4.4.1: distribution/kernel/carbon-home/bin/wso2server.sh',
    name: 'WSO2 Enterprise Service Bus', key: 'ESB', version: '4.9.0', kernel: '4.4.1', role: 'EnterpriseServiceBus', offset: 0, member: 4100, scheme: 'wka', hosts: commentedNames, indexing,
    console: '[%d] %5p - %c{1} %m%n', clean: 'rm -rf tmp', classPath: '"$CARBON_HOME"/bin/*.jar "$CARBON_HOME"/lib/*.jar', endorsed: '$CARBON_HOME/lib/endorsed', properties: [],
    // The product's heap is 256 and 1024 MB; JAVA_OPTS come behind.
    memory: '', jvmMemory: '-Xms32m -Xmx256m -XX:MaxPermSize=256m',
  },
  ei: {
    home: '', conf: 'conf', scripts: 'ei', script: 'bin/integrator.sh', keystores: 'ei', source: 'wso2/product-ei v6.1.1: distribution/src/scripts/integrator.sh',
    name: 'WSO2 Enterprise Integrator', key: 'EI', version: '6.1.1', kernel: '4.4.16', role: 'EnterpriseIntegrator', offset: 0, member: 4100, scheme: 'wka', hosts: commentedNames, indexing,
    pattern: '    <parameter name="clusteringPattern">nonWorkerManager</parameter>\n', basicAuth: '    <parameter name="enableBasicAuth" locked="false">false</parameter>\n',
    console: '[%d] [EI-Core] %5p - %c{1} %m%n', errors: 'wso2-ei-errors.log', clean: 'rm -rf tmp/*', classPath: '"$CARBON_HOME"/bin/*.jar "$CARBON_HOME"/wso2/lib/*.jar', endorsed: '$CARBON_HOME/wso2/lib/endorsed',
    properties: ['carbon.config.dir.path=$CARBON_HOME/conf', 'carbon.repository.dir.path=$CARBON_HOME/repository', 'carbon.components.dir.path=$CARBON_HOME/wso2/components',
      'carbon.dropins.dir.path=$CARBON_HOME/dropins', 'carbon.external.lib.dir.path=$CARBON_HOME/lib', 'carbon.patches.dir.path=$CARBON_HOME/patches', 'org.wso2.ignoreHostnameVerification=true'],
  },
  'business-process': {
    home: 'wso2/business-process/', conf: 'conf', scripts: 'business-process', script: 'bin/wso2server.sh', keystores: 'ei', source: 'wso2/product-ei v6.1.1: distribution/src/business-process/conf/wso2server.sh',
    name: 'WSO2 Business Process Server', key: 'BPS', version: '3.6.0', kernel: '4.4.16', role: 'BusinessProcessServer', offset: 2, member: 4000, scheme: 'multicast', indexing: '',
    hosts: '  <HostName>localhost</HostName>\n  <!--\n  <MgtHostName>mgt.wso2.org</MgtHostName>\n  -->', subDomain: '      <property name="subDomain" value="worker"/>\n',
    console: '[%d] [EI-Business-Process] %5p - %c{1} %m%n', clean: 'rm -rf tmp/*', classPath: '"$CARBON_HOME"/bin/*.jar "$CARBON_HOME"/../lib/*.jar', endorsed: '$CARBON_HOME/../lib/endorsed',
    work: ' workDir="${carbon.home}/../lib/tomcat/work-business-process"', profile: 'business-process-default',
    properties: ['carbon.config.dir.path=$CARBON_HOME/conf', 'carbon.repository.dir.path=$CARBON_HOME/repository', 'carbon.components.dir.path=$CARBON_HOME/../components',
      'carbon.dropins.dir.path=$CARBON_HOME/../../dropins', 'carbon.external.lib.dir.path=$CARBON_HOME/../../lib', 'carbon.patches.dir.path=$CARBON_HOME/../../patches'],
  },
}
profiles.toml = { ...profiles.ei, scripts: 'toml', version: '7.0.0', kernel: '4.6.0' }

const environmentMemory = '[ -n "$JVM_MEM_OPTS" ] || JVM_MEM_OPTS="-Xms32m -Xmx256m"\necho "Using Java memory options: $JVM_MEM_OPTS"\n'
const profileOf = (name) => name === undefined ? '' : `case "$*" in\n  *Dprofile*) ;;\n  *) NODE_PARAMS="$NODE_PARAMS -Dprofile=${name}" ;;\nesac\n`

const writeProfile = (each) => {
  const { home, conf } = each
  const tokens = {
    NAME: each.name, KEY: each.key, VERSION: each.version, ROLE: each.role, OFFSET: String(each.offset), CONF: conf, HOST_NAMES: each.hosts, INDEXING: each.indexing, KEYS: keys, SCHEME: each.scheme,
    MEMBER_PORT: String(each.member), PATTERN: each.pattern ?? '', BASIC_AUTH: each.basicAuth ?? '', SUB_DOMAIN: each.subDomain ?? '', WORK: each.work ?? '',
    SCRIPT: each.script, SOURCE: each.source, CLASS_PATH: each.classPath, ENDORSED: each.endorsed, CLEAN: each.clean === 'rm -rf tmp' ? each.clean : `[ -d tmp ] && ${each.clean}`,
    MEMORY: (each.memory ?? environmentMemory) + profileOf(each.profile), JVM_MEMORY: each.jvmMemory ?? '$JVM_MEM_OPTS',
    PROPERTIES: each.properties.map((property) => `    -D${property.replace('=$', '="$').replace(/("\$.*)/, '$1"')} \\\n`).join(''),
  }
  const axis2 = filled('conf/axis2.xml', tokens)
  const clustering = /^ {2}<clustering[\s\S]*<\/clustering>$/m.exec(axis2)?.[0] ?? ''
  const at = (path) => `${home}${conf}/${path}`
  for (const file of ['carbon.xml', 'registry.xml', 'user-mgt.xml']) write(at(file), filled(`conf/${file}`, tokens))
  write(at('axis2/axis2.xml'), each.profile === undefined ? axis2 : filled('conf/axis2-business-process.xml', { CLUSTERING: clustering }))
  for (const file of ['axis2_client', 'axis2_blocking_client', 'tenant-axis2']) write(at(`axis2/${file}.xml`), '<axisconfig name="AxisJava2.0-client">\n</axisconfig>\n')
  write(at('datasources/master-datasources.xml'), filled('conf/master-datasources.xml', tokens))
  write(at('tomcat/catalina-server.xml'), filled('conf/catalina-server.xml', tokens))
  write(at('tomcat/tomcat-users.xml'), '<tomcat-users>\n</tomcat-users>\n')
  write(at('log4j.properties'), `log4j.rootLogger=INFO, CARBON_CONSOLE, CARBON_LOGFILE\nlog4j.appender.CARBON_CONSOLE.layout.ConversionPattern=${each.console}\n`
    + `log4j.appender.CARBON_LOGFILE.layout.ConversionPattern=TID: [-1234] [] [%d] %5p {%c} -  %m {%c}%n\n${each.errors === undefined ? '' : `log4j.appender.ERROR_LOGFILE.File=${each.errors}\n`}`)
  for (const file of ['synapse', 'nhttp', 'passthru-http', 'jndi']) write(at(`${file}.properties`), `# ${file} of the stand-in: nothing in here is read\n`)
  for (const file of ['cipher-text', 'cipher-tool', 'secret-conf']) write(at(`security/${file}.properties`), '# nothing is encrypted\n')
  write(at('security/authenticators.xml'), '<Authenticators xmlns="http://wso2.org/projects/carbon/authenticators.xml">\n</Authenticators>\n')
  write(at('etc/jmx.xml'), '<JMX xmlns="http://wso2.org/projects/carbon/jmx.xml">\n  <StartRMIServer>true</StartRMIServer>\n</JMX>\n')
  write(at('etc/config-validation.xml'), '<ConfigValidator>\n  <Validator class="org.wso2.carbon.core.validation.SystemValidator">\n    <Parameter id="CPU">800</Parameter>\n    <Parameter id="RAM">2047</Parameter>\n'
    + '    <Parameter id="swap">2047</Parameter>\n    <Parameter id="freeDisk">1024</Parameter>\n    <Parameter id="ulimit">4096</Parameter>\n  </Validator>\n</ConfigValidator>\n')
  write(at('etc/tasks-config.xml'), '<tasks-configuration xmlns:svns="http://org.wso2.securevault/configuration">\n  <taskServerMode>AUTO</taskServerMode>\n  <taskServerCount>1</taskServerCount>\n</tasks-configuration>\n')
  write(`${home}${each.script}`, filled('bin/carbon.sh', tokens), 0o755)
  for (const script of ['ciphertool', 'chpasswd', 'tcpmon']) write(`${home}bin/${script}.sh`, filled('bin/not-imitated.sh', {}), script === 'tcpmon' ? 0o644 : 0o755)
  write(`${home}bin/version.txt`, `${each.name} v${each.version}\n`)
  write(`${home}bin/wso2carbon-version.txt`, `WSO2 Carbon Framework v${each.kernel}\n`)
  writeScripts(each.scripts, join(top, home, 'dbscripts'))
  directories(...['logs', 'database', 'data', 'tenants', 'deployment/client'].map((path) => `${home}repository/${path}`), `${home}tmp`,
    ...['carbonapps', 'axis2services', 'axis2modules', 'webapps'].map((path) => `${home}repository/deployment/server/${path}`))
  const security = join(top, home, 'repository/resources/security')
  mkdirSync(security, { recursive: true })
  for (const file of readdirSync(join(here, 'keystores', each.keystores))) copyFileSync(join(here, 'keystores', each.keystores, file), join(security, file))
}

/** What an integrator is shipped with to mediate. */
const writeSynapse = () => {
  const configs = 'repository/deployment/server/synapse-configs/default'
  directories(...['proxy-services', 'endpoints', 'api', 'local-entries', 'inbound-endpoints', 'message-stores', 'message-processors', 'tasks', 'templates'].map((path) => `${configs}/${path}`))
  const definition = (name, body) => `<${name} xmlns="http://ws.apache.org/ns/synapse"${body}\n`
  write(`${configs}/synapse.xml`, definition('definitions', '/>'))
  write(`${configs}/registry.xml`, definition('registry', ' provider="org.wso2.carbon.mediation.registry.WSO2Registry">\n  <parameter name="cachableDuration">15000</parameter>\n</registry>'))
  write(`${configs}/sequences/main.xml`, definition('sequence', ' name="main">\n  <in/>\n  <out/>\n</sequence>'))
  write(`${configs}/sequences/fault.xml`, definition('sequence', ' name="fault">\n  <log level="full"/>\n  <drop/>\n</sequence>'))
}

const writeEsb = () => {
  writeProfile(profiles.esb)
  writeSynapse()
  directories(...['plugins', 'dropins', 'lib', 'extensions', 'patches', 'servicepacks', 'default', 'worker'].map((path) => `repository/components/${path}`),
    'lib/endorsed', 'lib/tomcat', 'lib/core/WEB-INF/lib', 'webapp-mode', 'repository/conf/email')
  for (const path of ['default', 'worker']) write(`repository/components/${path}/configuration/config.ini`, `# the ${path} profile\n`)
  for (const path of ['dropins', 'lib', 'patches']) write(`repository/components/${path}/README.txt`, 'jars go here\r\n')
  write('lib/transactions.properties', '# nothing in here is read\n')
  write('bin/README.txt', 'Start the server with wso2server.sh.\r\n')
  write('bin/build.xml', '<project name="carbon"/>\n')
  write('bin/wso2esb-samples.sh', filled('bin/not-imitated.sh', {}))
  write('bin/yajsw/wrapper.conf', '# nothing in here is read\n')
}

const writeIntegrator = (integrator) => {
  writeProfile(integrator)
  writeSynapse()
  // No `worker` among the profiles (wso2/product-ei#561).
  for (const path of ['default', 'analytics-default', 'broker-default', 'business-process-default']) write(`wso2/components/${path}/configuration/config.ini`, `# the ${path} profile\n`)
  directories('wso2/components/plugins', 'wso2/lib/endorsed', 'wso2/tmp', 'wso2/analytics', 'wso2/broker', 'wso2/msf4j', 'lib', 'dropins', 'extensions', 'patches', 'servicepacks')
  for (const path of ['lib', 'dropins', 'patches']) write(`${path}/README.txt`, 'jars go here\r\n')
  for (const script of ['analytics', 'broker', 'msf4j', 'carbondump', 'profile-creator']) write(`bin/${script}.sh`, filled('bin/not-imitated.sh', {}), 0o755)
}

const writeBusinessProcess = () => {
  const { home } = profiles['business-process']
  writeProfile(profiles['business-process'])
  write('bin/business-process.sh', filled('bin/profile.sh', { PROFILE: 'business-process' }), 0o755)
  for (const file of readdirSync(join(here, 'conf/business-process'))) {
    write(`${home}conf/${file.endsWith('-datasources.xml') ? 'datasources/' : ''}${file}`, readFileSync(join(here, 'conf/business-process', file), 'utf8'))
  }
  directories(...['bpmn-explorer', 'humantask-explorer'].map((path) => `${home}repository/deployment/server/jaggeryapps/${path}`), 'wso2/lib/tomcat')
}

/** conf/esb.toml is what is written by hand; the XML is rendered from it over the files that lie in the templates. */
const writeToml = () => {
  writeIntegrator(profiles.toml)
  for (const file of ['carbon.xml', 'registry.xml', 'user-mgt.xml', 'axis2/axis2.xml', 'datasources/master-datasources.xml', 'tomcat/catalina-server.xml']) {
    write(`repository/resources/conf/templates/conf/${file}`, readFileSync(join(top, 'conf', file), 'utf8'))
  }
  write('conf/esb.toml', readFileSync(join(here, 'conf/esb.toml'), 'utf8'))
}

if (product === 'esb') writeEsb()
else if (product === 'ei') {
  writeIntegrator(profiles.ei)
  writeBusinessProcess()
} else if (product === 'toml') writeToml()
else throw new Error(`there is no product ${product}`)

write('README.txt', `Stand-in for a distribution of WSO2.\r\n\r\nMade for tests of provision. It holds nothing of the product.\r\n`)
write('LICENSE.txt', 'No licence of WSO2 applies: nothing in here is of WSO2.\r\n')
// Entries with names beyond ASCII.
write('repository/resources/Lisez-moi-é.txt', 'lire\r\n')
write('repository/resources/security/café.txt', 'nothing secret\r\n')
