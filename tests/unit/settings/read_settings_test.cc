// SPDX-License-Identifier: Apache-2.0
#include "daemon/settings/read_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/temp_dir.h"
#include "tests/unit/settings/settings_cases.h"

namespace capmon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

SettingsFile Good(const std::string& text) {
  SettingsFile file = ReadSettings(text, TestHost());
  for (const SettingsFault& fault : file.faults) ADD_FAILURE() << Print("capmond.yaml", fault);
  return file;
}

template <typename Target>
Target TargetOf(const std::string& text) {
  const SettingsFile file = Good("sinks:\n  - " + text);
  if (file.feed.sinks.size() != 1) {
    ADD_FAILURE() << file.feed.sinks.size() << " sinks";
    return {};
  }
  return std::get<Target>(file.feed.sinks.front().target);
}

TEST(ReadSettingsTest, AnEmptyFileSetsNothing) {
  for (const char* const text : {"", "\n", "# only a comment\n", "---\n", "{}\n"}) {
    const SettingsFile file = Good(text);
    EXPECT_THAT(file.keys, IsEmpty());
    EXPECT_THAT(ChangedOptions(file.config, Config()), IsEmpty());
  }
}

TEST(ReadSettingsTest, Options) {
  const SettingsFile file = Good(
      "address: unix:///run/x.sock\n"
      "alert_file: '-'\n"
      "baseline_after: 5m\n"
      "learn_for: 0\n"
      "stable_after: 2h\n"
      "max_checks: 4096\n"
      "cri_sockets: none\n"
      "run_dirs: [/a, /b]\n"
      "mount_bpffs: true\n"
      "state_dir: none\n"
      "log_level: warn\n"
      "backend: kprobe\n"
      "node: n\n");
  EXPECT_EQ(file.config.address, "unix:///run/x.sock");
  EXPECT_EQ(file.config.alerts, "-");
  EXPECT_EQ(file.config.baseline_after_seconds, 300);
  EXPECT_EQ(file.config.learn_for_seconds, 0);
  EXPECT_EQ(file.config.stable_after_seconds, 7200);
  EXPECT_EQ(file.config.max_checks, 4096u);
  EXPECT_THAT(file.config.cri_sockets, ElementsAre("none"));
  EXPECT_THAT(file.config.run_dirs, ElementsAre("/a", "/b"));
  EXPECT_TRUE(file.config.mount_bpffs);
  EXPECT_TRUE(file.config.state_dir_given);
  EXPECT_FALSE(file.config.pin_dir_given);
  EXPECT_EQ(file.config.log_level, "warn");
  EXPECT_EQ(file.config.backend, "kprobe");
  EXPECT_EQ(file.config.node, "n");
}

TEST(ReadSettingsTest, FlagsComeBeforeTheFile) {
  const SettingsFile file = Good("log_level: warn\nlearn_for: 5\n");
  Config flags;
  flags.log_level = "error";
  const auto settings = Combine(flags, {"log_level"}, "capmond.yaml", file);
  ASSERT_TRUE(settings.ok());
  EXPECT_EQ(settings->config.log_level, "error");
  EXPECT_EQ(settings->config.learn_for_seconds, 5);
  EXPECT_EQ(settings->config.baseline_after_seconds, Config().baseline_after_seconds);
}

TEST(ReadSettingsTest, AFlagAndAKeyCanContradict) {
  const SettingsFile file = Good("record: /exists/new\n");
  Config flags;
  flags.replay = "recording";
  const auto settings = Combine(flags, {"replay"}, "capmond.yaml", file);
  EXPECT_THAT(settings.status().message(), HasSubstr("--record"));
}

std::string FaultOfSockets(const std::vector<std::string>& sockets) {
  Config flags;
  flags.docker_sockets = sockets;
  return std::string(Combine(flags, {"docker_socket"}, "", {}).status().message());
}

TEST(ReadSettingsTest, EachSocketOfDockerStandsOnceAndNoneAlone) {
  EXPECT_EQ(FaultOfSockets({"none"}), "");
  EXPECT_EQ(FaultOfSockets({"/run/docker.sock", "/run/user/1000/docker.sock"}), "");
  EXPECT_EQ(FaultOfSockets({"/run/a.sock", "none"}),
            "--docker-socket none switches Docker off: remove it, or the other sockets");
  EXPECT_EQ(FaultOfSockets({"/a", "/b", "/a"}), "--docker-socket /a is given twice; remove one");
  EXPECT_EQ(FaultOfSockets({"/tmp/a", "/tmp/./a"}),
            "--docker-socket /tmp/./a is the same socket as /tmp/a; remove one");
  EXPECT_EQ(FaultOfSockets({"/x/a-b", "/x/a/b"}),
            "--docker-socket /x/a/b and /x/a-b would have the same name in workloads; give one of "
            "them another path");
  EXPECT_EQ(FaultOfSockets({"/1", "/2", "/3", "/4", "/5", "/6", "/7", "/8"}), "");
  EXPECT_THAT(FaultOfSockets({"/1", "/2", "/3", "/4", "/5", "/6", "/7", "/8", "/9"}),
              HasSubstr("capmond queries at most 8 sockets"));
}

TEST(ReadSettingsTest, ASocketOfDockerIsATextOrAList) {
  EXPECT_THAT(Good("docker_socket: /a\n").config.docker_sockets, ElementsAre("/a"));
  EXPECT_THAT(Good("docker_socket: [/a, /b]\n").config.docker_sockets, ElementsAre("/a", "/b"));
}

TEST(ReadSettingsTest, WhatEverySinkHas) {
  const SettingsFile file = Good(
      "sinks:\n"
      "  - name: siem\n"
      "    type: stdout\n"
      "    format: ocsf\n"
      "    at_least: high\n"
      "    rules: [CM001, CM010]\n"
      "    queue: 100\n"
      "    spool: {max_bytes: 1MiB, max_messages: 10}\n");
  ASSERT_EQ(file.feed.sinks.size(), 1u);
  const SinkSettings& sink = file.feed.sinks.front();
  EXPECT_EQ(sink.name, "siem");
  EXPECT_EQ(std::get<FileTarget>(sink.target).path, "-");
  EXPECT_EQ(sink.format, AlertFormat::kOcsf);
  EXPECT_EQ(sink.at_least, Severity::kHigh);
  EXPECT_THAT(sink.rules, ElementsAre("CM001", "CM010"));
  EXPECT_EQ(sink.queue, 100u);
  EXPECT_EQ(sink.spool, (SpoolSettings{.max_bytes = 1 << 20, .max_messages = 10}));
}

TEST(ReadSettingsTest, FormatsByDefault) {
  const auto format = [](const std::string& text) {
    return Good("sinks:\n  - {name: a, " + text + "}").feed.sinks.at(0).format;
  };
  EXPECT_EQ(format("type: stdout"), AlertFormat::kNative);
  EXPECT_EQ(format("type: syslog, address: 'udp://a'"), AlertFormat::kCef);
  EXPECT_EQ(format("type: elastic, url: 'https://a'"), AlertFormat::kEcs);
  EXPECT_EQ(format("type: falcosidekick, url: 'http://a'"), AlertFormat::kFalco);
  EXPECT_EQ(format("type: kafka, brokers: a"), AlertFormat::kNative);
}

TEST(ReadSettingsTest, Files) {
  const auto file = TargetOf<FileTarget>(
      "{name: a, type: file, path: /a, rotate_at: 1MiB, keep_rotated: 2, fsync: batch}");
  EXPECT_EQ(file.rotate_bytes, 1u << 20);
  EXPECT_EQ(file.keep_rotated, 2);
  EXPECT_EQ(file.sync, FileTarget::Sync::kBatch);
}

TEST(ReadSettingsTest, Syslog) {
  const auto tls = TargetOf<SyslogTarget>(
      "{name: a, type: syslog, address: 'tls://siem', facility: local3, app_name: x,"
      " tls: {ca_file: /a, certificate_file: /b, key_file: /c, server_name: d}}");
  EXPECT_EQ(tls.protocol, SyslogTarget::Protocol::kTls);
  EXPECT_EQ(tls.host, "siem");
  EXPECT_EQ(tls.port, 6514);
  EXPECT_EQ(tls.facility, 19);
  EXPECT_EQ(tls.tls, (TlsSettings{.enabled = true,
                                  .ca_file = "/a",
                                  .certificate_file = "/b",
                                  .key_file = "/c",
                                  .server_name = "d"}));
  const auto udp = TargetOf<SyslogTarget>("{name: a, type: syslog, address: 'udp://[::1]:99'}");
  EXPECT_EQ(udp.protocol, SyslogTarget::Protocol::kUdp);
  EXPECT_EQ(udp.host, "::1");
  EXPECT_EQ(udp.port, 99);
  EXPECT_FALSE(udp.tls.enabled);
}

TEST(ReadSettingsTest, Http) {
  const auto splunk = TargetOf<HttpTarget>(
      "{name: a, type: splunk, url: 'https://s:8088', token: 'env:SET', acknowledge: true,"
      " index: main, gzip: true, timeout: 500ms, headers: {X-Tenant: prod}}");
  EXPECT_EQ(splunk.preset, HttpTarget::Preset::kSplunk);
  EXPECT_EQ(splunk.token.source, "env:SET");
  EXPECT_TRUE(splunk.acknowledge);
  EXPECT_TRUE(splunk.gzip);
  EXPECT_TRUE(splunk.tls.enabled);
  EXPECT_EQ(splunk.index, "main");
  EXPECT_EQ(splunk.timeout.count(), 500);
  EXPECT_EQ(splunk.headers.at("X-Tenant"), "prod");
  const auto slack = TargetOf<HttpTarget>("{name: a, type: slack, url: 'file:/exists/url'}");
  EXPECT_EQ(slack.url, "file:/exists/url");
}

TEST(ReadSettingsTest, OtlpAndKafka) {
  const auto otlp = TargetOf<OtlpTarget>(
      "{name: a, type: otlp, endpoint: 'c:4317', tls: true, token: 'file:/exists/t'}");
  EXPECT_EQ(otlp.endpoint, "c:4317");
  EXPECT_TRUE(otlp.tls.enabled);
  const auto kafka = TargetOf<KafkaTarget>(
      "{name: a, type: kafka, brokers: ['a:1', 'b:2'], topic: t, password: 'env:SET',"
      " options: {security.protocol: sasl_ssl}}");
  EXPECT_EQ(kafka.brokers, "a:1,b:2");
  EXPECT_EQ(kafka.topic, "t");
  EXPECT_EQ(kafka.options.at("security.protocol"), "sasl_ssl");
}

TEST(ReadSettingsTest, Exceptions) {
  const SettingsFile file = Good(
      "exceptions:\n"
      "  - workload: shop/*\n"
      "    rule: CM001\n"
      "    binary: /usr/bin/ping\n"
      "    capability: NET_RAW\n"
      "    reason: ping is part of the health check\n"
      "    expires: 2027-01-31\n"
      "  - {rule: CM002, reason: known, expires: never}\n");
  ASSERT_EQ(file.feed.exceptions.size(), 2u);
  const AlertException& first = file.feed.exceptions.front();
  EXPECT_EQ(first.workload, "shop/*");
  EXPECT_EQ(first.capability, Capability{13});
  EXPECT_EQ(first.expires, TimeNs{1801440000} * kSecond);  // the end of that day
  EXPECT_EQ(file.feed.exceptions.back().expires, 0);
}

TEST(ReadSettingsTest, LimitsOfAlerts) {
  const SettingsFile file = Good("alerts: {labels: [app], limits: {rule: {per_minute: 7}}}\n");
  EXPECT_THAT(file.feed.labels, ElementsAre("app"));
  EXPECT_EQ(file.feed.limits.rule, (AlertRate{VolumeLimits().rule.burst, 7}));
  EXPECT_EQ(file.feed.limits.total, VolumeLimits().total);
}

TEST(ReadSettingsTest, WhatWorksAndIsWorthALook) {
  const auto warning = [](const std::string& text) {
    const SettingsFile file = Good("sinks:\n  - " + text);
    return file.warnings.size() == 1 ? file.warnings.front().what : "";
  };
  EXPECT_THAT(warning("{name: a, type: syslog, address: 'tls://s', tls: {verify: false}}"),
              HasSubstr("can read and change"));
  EXPECT_THAT(warning("{name: a, type: http, url: 'http://s', token: 'env:SET'}"),
              HasSubstr("not encrypted"));
  EXPECT_THAT(warning("{name: a, type: http, url: 'https://s', token: 'file:/exists/open'}"),
              HasSubstr("chmod"));
  EXPECT_EQ(warning("{name: a, type: http, url: 'http://127.0.0.1/', token: 'env:SET'}"), "");
}

TEST(ReadSettingsTest, AnExceptionThatExpiredIsReported) {
  const auto warnings = [](const std::string& day) {
    return Good("exceptions:\n  - {rule: CM001, reason: x, expires: " + day + "}\n").warnings;
  };
  const auto expired = warnings("2026-05-30");
  ASSERT_EQ(expired.size(), 1u);
  EXPECT_THAT(expired[0].what, HasSubstr("expired on 2026-05-30 and suppresses nothing"));
  EXPECT_THAT(warnings("2026-06-01"), IsEmpty());
  EXPECT_THAT(warnings("never"), IsEmpty());
}

// The installed unit makes that directory.
TEST(ReadSettingsTest, TheUnitsDirectoryMayBeMissing) {
  HostFacts host = TestHost();
  host.new_file_problem = [](const std::string&) { return "there is no directory"; };
  const auto check = [&](const std::string& path) {
    return ReadSettings("sinks:\n  - {name: a, type: file, path: " + path + "}\n", host);
  };
  EXPECT_THAT(check("/var/log/capmon/a").faults, IsEmpty());
  EXPECT_EQ(check("/var/log/capmon/a").warnings.size(), 1u);
  EXPECT_EQ(check("/var/log/capmonx/a").faults.size(), 1u);
}

TEST(ReadSettingsTest, OthersMustNotWriteTheFile) {
  const TempDir directory;
  const std::string path = directory / "capmond.yaml";
  ASSERT_TRUE(WriteFile(path, "node: a\n"));
  ASSERT_EQ(chmod(path.c_str(), 0666), 0);
  const auto open = ReadSettingsFile(path, ThisHost());
  ASSERT_TRUE(open.ok());
  ASSERT_EQ(open->warnings.size(), 1u);
  EXPECT_THAT(open->warnings[0].what, HasSubstr("chmod go-w"));
  ASSERT_EQ(chmod(path.c_str(), 0644), 0);
  EXPECT_THAT(ReadSettingsFile(path, ThisHost())->warnings, IsEmpty());
}

TEST(HostFactsTest, OfThisMachine) {
  const TempDir directory;
  const HostFacts host = ThisHost();
  const auto at = [&](const std::string& name) { return directory / name; };
  EXPECT_EQ(host.new_file_problem(at("new")), "");
  EXPECT_EQ(host.new_file_problem(directory.path()), "it is a directory");
  EXPECT_THAT(host.new_file_problem(at("missing/new")), HasSubstr("there is no directory"));
  EXPECT_EQ(host.new_file_problem("/dev/full"), "");
  ASSERT_TRUE(WriteFile(at("file"), "x"));
  ASSERT_EQ(symlink(at("file").c_str(), at("link").c_str()), 0);
  EXPECT_EQ(host.real_path(at("link")), host.real_path(at("./file")));
  EXPECT_EQ(host.real_path(at("x/../new")), host.real_path(at("new")));
  EXPECT_THAT(host.new_file_problem(at("file/new")), HasSubstr("is no directory"));
  ASSERT_TRUE(WriteFile(at("empty"), "\n"));
  ASSERT_TRUE(WriteFile(at("lines"), "a\nb\n"));
  EXPECT_EQ(host.secret_problem("file:" + at("file")), "");
  EXPECT_THAT(host.secret_problem("file:" + at("empty")), HasSubstr("is empty"));
  EXPECT_THAT(host.secret_problem("file:" + at("lines")), HasSubstr("control character"));
}

}  // namespace
}  // namespace capmon
