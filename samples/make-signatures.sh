#!/bin/bash
# Makes the signature files of signatures/ anew: for each line of the table below a key, a self-signed certificate whose
# common name is the username, and a PKCS#7 attached signature over the four bytes 1111, without signed attributes.
# The keys are thrown away. Needs bash and OpenSSL 1.1.1 or later; takes some seconds.
set -euo pipefail
export LC_ALL=C.UTF-8

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# file | username | key | digest | form
# Forms: der; pem; base64 in lines of 64; base64-line, all in one line; cut, DER without its end; detached, DER without
# the content.
table() {
  cat <<'LINES'
finance/aisyah.rahman.p7s                |aisyah.rahman               |rsa  |sha256|der
finance/tan.weiming.p7s                  |tan.weiming                 |rsa  |sha1  |der
finance/jose.alvarez.pem                 |jose.alvarez                |rsa  |sha384|pem
finance/priya.nair.p7s                   |priya.nair                  |p256 |sha256|der
finance/pedro.silva.p7s                  |pedro.silva                 |rsa  |sha256|der
treasury/sean.obrien.pem                 |sean.o'brien                |rsa  |sha256|pem
treasury/zoe.andersson.p7s               |zoë.andersson               |p384 |sha384|der
treasury/kwame.mensah.p7s                |kwame.mensah                |rsa  |sha512|der
treasury/m.ferreira.b64                  |m.ferreira@treasury.example |rsa  |sha256|base64
treasury/ingrid.olsen.p7s                |ingrid.olsen                |rsa  |sha256|detached
human-resources/fatimah.zahra.p7m        |fatimah.zahra               |rsa  |sha1  |pem
human-resources/lim.huiying.b64          |lim.huiying                 |rsa  |sha256|base64-line
human-resources/dmitri.volkov.p7s        |dmitri.volkov               |rsa  |sha384|der
human-resources/amara.okafor.pem         |amara.okafor                |p256 |sha256|pem
human-resources/grace.lim.p7s            |grace.lim                   |rsa  |sha256|der
information-technology/raj.kumar.pem     |raj.kumar                   |rsa  |sha512|pem
information-technology/chen.jiahao.b64   |chen.jiahao                 |p384 |sha384|base64-line
information-technology/nguyen.lan.der    |nguyen.lan                  |rsa  |sha256|der
information-technology/olafur.jonsson.b64|olafur.jonsson              |rsa  |sha384|base64
legal/elif.yilmaz.p7m                    |elif.yilmaz                 |rsa  |sha256|der
legal/hans.mueller.b64                   |hans.mueller                |rsa  |sha512|base64
legal/siti.aminah.b64                    |siti.aminah                 |rsa  |sha1  |base64-line
legal/yuki.tanaka.b64                    |yuki.tanaka                 |p256 |sha256|base64
legal/omar.haddad.p7s                    |omar.haddad                 |rsa  |sha256|cut
branch operations/wanjiru.kamau.p7m      |wanjiru.kamau               |p384 |sha384|pem
branch operations/maria.santos.b64       |maria.santos                |rsa  |sha384|base64-line
branch operations/abdul.hakim.b64        |abdul.hakim                 |rsa  |sha512|base64-line
branch operations/ioana.popescu.p7s      |ioana.popescu               |rsa  |sha1  |der
branch operations/leila.hosseini.p7s     |leila.hosseini              |rsa  |sha256|der
LINES
}

# `openssl ca` is the way to a fixed validity in every version of OpenSSL.
cat >"$work/openssl.cnf" <<CONFIG
[req]
distinguished_name = name
string_mask = utf8only
[name]
[ca]
default_ca = self
[self]
database = $work/index
serial = $work/serial
new_certs_dir = $work
default_md = sha256
policy = names
unique_subject = no
string_mask = utf8only
x509_extensions = signer
[names]
organizationName = optional
organizationalUnitName = optional
commonName = supplied
[signer]
basicConstraints = critical,CA:false
keyUsage = critical,digitalSignature,nonRepudiation
CONFIG
: >"$work/index"

make_key() {
  case $1 in
    rsa) openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$work/key" 2>/dev/null ;;
    p256) openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$work/key" ;;
    p384) openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out "$work/key" ;;
  esac
}

make_certificate() { # username, department, serial
  printf '%02X\n' "$3" >"$work/serial"
  openssl req -new -utf8 -config "$work/openssl.cnf" -key "$work/key" \
    -subj "/O=Sample Ministry/OU=$2/CN=$1" -out "$work/request"
  openssl ca -batch -notext -utf8 -config "$work/openssl.cnf" -selfsign -keyfile "$work/key" -in "$work/request" \
    -startdate 20250101000000Z -enddate 21241231235959Z -out "$work/certificate" 2>"$work/log" ||
    { cat "$work/log" >&2; exit 1; }
}

sign() { # digest, and what else openssl smime is to know
  local digest=$1
  shift
  openssl smime -sign -binary -noattr -md "$digest" -in "$work/content" -signer "$work/certificate" \
    -inkey "$work/key" -outform DER -out "$work/signature" "$@"
}

write() { # form, file
  mkdir -p "$(dirname "$2")"
  case $1 in
    der | detached) cp "$work/signature" "$2" ;;
    pem) openssl pkcs7 -inform DER -in "$work/signature" -out "$2" ;;
    base64) openssl base64 -in "$work/signature" -out "$2" ;;
    base64-line) openssl base64 -A -in "$work/signature" -out "$2" ;;
    cut) head -c 700 "$work/signature" >"$2" ;;
  esac
}

printf 1111 >"$work/content"
serial=0x1001
while IFS='|' read -r file username key digest form; do
  # A file may have blanks inside, but none at its end.
  file=${file%"${file##*[! ]}"} username=${username// /} key=${key// /} digest=${digest// /}
  make_key "$key"
  make_certificate "$username" "$(dirname "$file")" "$serial"
  if [ "$form" = detached ]; then sign "$digest"; else sign "$digest" -nodetach; fi
  write "$form" "$work/signatures/$file"
  serial=$((serial + 1))
done < <(table)

rm -rf "$here/signatures"
cp -R "$work/signatures" "$here/signatures"
echo "$(find "$here/signatures" -type f | wc -l) files in signatures/"
