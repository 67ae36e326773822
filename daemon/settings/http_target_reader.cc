// SPDX-License-Identifier: Apache-2.0
// Receivers of HTTP POST: one reader, with what each preset accepts.
#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "daemon/settings/target_reader.h"
#include "daemon/settings/value_forms.h"

namespace capmon {
namespace {

using Preset = HttpTarget::Preset;

std::string ExampleFor(Preset preset) {
  switch (preset) {
    case Preset::kPlain: return "https://alerts.example/capmon";
    case Preset::kSplunk: return "https://splunk.example:8088";
    case Preset::kElastic: return "https://elastic.example:9200";
    case Preset::kFalcosidekick: return "http://falcosidekick:2801";
    case Preset::kAlertmanager: return "http://alertmanager:9093";
    case Preset::kSlack: return "file:/etc/capmon/slack-url";
  }
  return "";
}

// A query like "?token=..." is a secret in the open.
bool QueryHasSecret(const std::string& rest) {
  size_t start = rest.find('?');
  while (start != rest.npos) {
    const size_t end = rest.find('&', start + 1);
    const std::string pair = rest.substr(start + 1, end == rest.npos ? rest.npos : end - start - 1);
    const std::string name = pair.substr(0, pair.find('='));
    if (NamesASecret(name) || name == "code") return true;  // "code": Azure's functions
    start = end;
  }
  return false;
}

bool IsLoopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

// Addresses of these receivers contain their credential, whatever the type of the sink.
bool UrlIsSecret(Preset preset, const Url& url) {
  const std::string host = absl::AsciiStrToLower(url.server.host);
  for (const char* const one : {"hooks.slack.com", "hooks.slack-gov.com", "api.telegram.org",
                                "outlook.office.com", "hooks.zapier.com", "maker.ifttt.com"})
    if (host == one) return true;
  if (host.ends_with(".webhook.office.com")) return true;
  if (host == "discord.com" || host == "discordapp.com")
    return url.rest.starts_with("/api/webhooks/");
  return preset == Preset::kSlack && url.scheme == "https";
}

std::string RemedyForUser(Preset preset) {
  return preset == Preset::kSplunk || preset == Preset::kElastic
             ? "write \"token: file:/etc/capmon/token\""
             : "write \"user: NAME\" and \"password: file:/etc/capmon/password\"";
}

void CheckUrl(SectionReader& reader, Preset preset, const HttpTarget& target, const Url& url) {
  if (!url.user.empty())
    reader.Fail("url",
                absl::StrCat("url contains a user or password, and a secret must not stand in this "
                             "file; ",
                             RemedyForUser(preset)));
  else if (url.rest.find('#') != url.rest.npos)
    reader.Fail("url",
                "url contains a fragment (#...), which is never sent; remove it, or write %23 for "
                "the sign itself");
  else if (QueryHasSecret(url.rest))
    reader.Fail("url",
                "url contains a secret in its query, and a secret must not stand in this "
                "file; write \"url: file:/PATH\" with the whole address in that file");
  else if (UrlIsSecret(preset, url))
    reader.Fail(
        "url",
        absl::StrCat("the address of a ", preset == Preset::kSlack ? "Slack webhook" : "webhook",
                     " is a secret and must not stand in this file; write \"url: ",
                     preset == Preset::kSlack ? ExampleFor(preset) : "file:/etc/capmon/webhook-url",
                     "\" with the address in that file"));
  else if (url.scheme == "http" && !IsLoopback(url.server.host) &&
           (!target.token.source.empty() || !target.password.source.empty()))
    reader.Warn("url",
                "the secret is sent over a connection that is not encrypted; write "
                "\"https://\"");
}

// Returns whether the address is encrypted; nothing if there is none that could be read.
void ReadUrl(SectionReader& reader, Preset preset, HttpTarget& target, bool& encrypted) {
  const std::string example = ExampleFor(preset);
  if (!reader.Require("url", example) || !reader.Text("url", target.url, example)) return;
  if (target.url.starts_with("file:") || target.url.starts_with("env:")) {
    Secret secret;
    if (ReadSecret("url", reader.map().At("url"), reader.context(), secret))
      target.url = secret.source;
    return;
  }
  const auto url = ParseUrl(target.url);
  if (!url || (url->scheme != "http" && url->scheme != "https")) {
    reader.Fail("url", absl::StrCat("url takes an address with http:// or https://; write \"url: ",
                                    example, "\""));
    return;
  }
  encrypted = url->scheme == "https";
  CheckUrl(reader, preset, target, *url);
}

void ReadCredentials(SectionReader& reader, HttpTarget& target) {
  reader.SecretSource("token", target.token);
  reader.Text("user", target.user, "capmon");
  reader.SecretSource("password", target.password);
  if (reader.Has("user") != reader.Has("password"))
    reader.Fail(reader.Has("user") ? "user" : "password",
                "user and password are given together; write \"user: NAME\" and \"password: "
                "file:/etc/capmon/password\"");
  if (reader.Has("token") && reader.Has("user"))
    reader.Fail("token", "token cannot be combined with user and password; remove one of them");
}

}  // namespace

HttpTarget ReadHttpTarget(SectionReader& reader, Preset preset) {
  HttpTarget target;
  target.preset = preset;
  ReadCredentials(reader, target);
  bool encrypted = true;
  ReadUrl(reader, preset, target, encrypted);
  ReadTls(reader, encrypted, "write \"https://\", or remove the section", target.tls);
  ReadHeaders(reader, target.headers);
  if (preset == Preset::kSplunk || preset == Preset::kElastic)
    reader.Text("index", target.index, "capmon");
  else
    reader.Reject("index", "only sinks of type splunk and elastic have an index; remove the line");
  if (preset == Preset::kSplunk)
    reader.Switch("acknowledge", target.acknowledge);
  else
    reader.Reject("acknowledge",
                  "only sinks of type splunk can acknowledge later; remove the line");
  if (preset == Preset::kSplunk && !reader.Has("token"))
    reader.Fail(reader.place(),
                "a sink of type splunk needs the token of the HTTP Event "
                "Collector; write \"token: file:/etc/capmon/splunk-token\"");
  reader.Switch("gzip", target.gzip);
  reader.Time("timeout", std::chrono::milliseconds(100), std::chrono::minutes(10), target.timeout,
              "10s");
  return target;
}

}  // namespace capmon
