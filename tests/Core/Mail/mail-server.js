// Mail servers and a mail parser of another language, for the tests: node mail-server.js FOLDER KEY CERTIFICATE, where FOLDER holds node_modules.
// It says its ports in one line of JSON, then one line for each mail it took; for a file named in a line of its standard input it says what the
// parser reads in it. Who writes to or from (mail|rcpt|data)-CODE[-ENHANCED]@… is refused there with that code.
'use strict';
const fs = require('node:fs');
const from = require('node:module').createRequire(process.argv[2] + '/');
const { SMTPServer } = from('smtp-server');
const { simpleParser } = from('mailparser');
const { Splitter } = from('mailsplit');

const say = what => process.stdout.write(JSON.stringify(what) + '\n');

function refusal(address, stage) {
  const asked = /^(mail|rcpt|data)-(\d{3})(?:-(\d)\.(\d)\.(\d))?@/.exec(address);
  if (!asked || asked[1] !== stage) return null;
  const error = new Error((asked[3] ? `${asked[3]}.${asked[4]}.${asked[5]} ` : '') + 'refused as asked');
  error.responseCode = Number(asked[2]);
  return error;
}

function nodes(raw) {
  return new Promise((done, fail) => {
    const found = [];
    const splitter = new Splitter();
    splitter.on('data', part => { if (part.type === 'node') found.push(part.contentType); });
    splitter.on('end', () => done(found));
    splitter.on('error', fail);
    splitter.end(raw);
  });
}

async function read(raw, envelope) {
  const mail = await simpleParser(raw, { skipHtmlToText: true, skipTextToHtml: true, skipTextLinks: true });
  return {
    raw: raw.toString('latin1'), envelope, nodes: await nodes(raw), headers: mail.headerLines.map(h => [h.key, h.line]),
    subject: mail.subject, text: mail.text, html: mail.html, date: mail.date, messageId: mail.messageId,
    from: mail.from.value, to: mail.to.value,
  };
}

function listen(options) {
  const server = new SMTPServer({
    disableReverseLookup: true, logger: false, ...options,
    onAuth: (auth, session, answer) =>
      answer(auth.username === 'juna' && auth.password === 'right' ? null : new Error(`not with ${auth.password}`), { user: 'juna' }),
    onMailFrom: (address, session, answer) => answer(refusal(address.address, 'mail')),
    onRcptTo: (address, session, answer) => answer(refusal(address.address, 'rcpt')),
    onData: (stream, session, answer) => {
      const parts = [];
      stream.on('data', part => parts.push(part));
      stream.on('end', async () => {
        const to = session.envelope.rcptTo[0].address;
        const refused = refusal(to, 'data');
        const { address, args } = session.envelope.mailFrom;
        if (!refused) say(await read(Buffer.concat(parts), { from: address, to, utf8: Boolean(args.SMTPUTF8), secure: session.secure, user: session.user }));
        answer(refused);
      });
    },
  });
  server.on('error', () => {});
  return new Promise(done => { const inner = server.listen(0, 'localhost', () => done(inner.address().port)); });
}

(async () => {
  const identity = { key: fs.readFileSync(process.argv[3]), cert: fs.readFileSync(process.argv[4]) };
  say({
    plain: await listen({ hideSTARTTLS: true, authOptional: true, disabledCommands: ['AUTH'] }),
    secure: await listen({ ...identity, authMethods: ['PLAIN', 'LOGIN'] }),
    login: await listen({ ...identity, authMethods: ['LOGIN'] }),
    implicit: await listen({ ...identity, secure: true, authMethods: ['PLAIN', 'LOGIN'] }),
  });
  const input = require('node:readline').createInterface({ input: process.stdin });
  input.on('line', async file => say(await read(fs.readFileSync(file), null)));
  input.on('close', () => process.exit());
})();
