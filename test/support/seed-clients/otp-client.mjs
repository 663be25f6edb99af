/*
 * The Node.js sample of "OTP Token Registration (Offline) API". Mended or moved, and nothing else:
 * - import instead of require: this file is a module
 * - createHmac(sha256, …): the name needs quotes
 * - req.on('ERROR', …): the event is called 'error'
 * - host, port and the values between < > come from the environment; SCHEME=https as in the sample, else http
 * Kept: no Content-Length, so that Node sends the body in chunks; the administrator goes into the path as it is.
 */
import console from 'node:console';
import process from 'node:process';
import http from 'node:http';
import https from 'node:https';
import crypto from 'node:crypto';

const { SCHEME, HOST, PORT, ADMIN, AUTH_TOKEN, SECRET_CODE, USERNAME } = process.env;

var username = USERNAME;
var adminUsername = ADMIN;
var authToken = AUTH_TOKEN;
var secretCode = SECRET_CODE;
var cenTokenText = adminUsername + authToken;
var hash, cenToken;
/* generate cenToken value*/
cenToken = crypto.createHmac('sha256', secretCode);
cenToken.write(cenTokenText);
cenToken.end();
hash = cenToken.read().toString('hex');
const data = JSON.stringify({
  username: username,
  cenToken: hash,
});
const options = {
  hostname: HOST,
  port: PORT,
  path: '/CentagateWS/webresources/token/register/otp/offline/' + adminUsername,
  method: 'PUT',
  headers: {
    Accept: 'application/json',
    'Content-Type': 'application/json',
  },
};
const req = (SCHEME === 'https' ? https : http).request(options, (res) => {
  console.log(`HTTP Status Code: ${res.statusCode}`);
  var body = '';
  res.on('data', function (d) {
    body += d;
    var parsed = JSON.parse(body);
    if (parsed.code == 0) {
      console.log('Authentication Succeed');
      console.log('Response:');
      console.log(body);
    } else {
      console.log('Authentication Fail, ' + 'Message:' + parsed.message);
      console.log('Code:' + parsed.code);
    }
  });
});
req.on('error', (error) => {
  console.error(error);
});
req.write(data);
req.end();
