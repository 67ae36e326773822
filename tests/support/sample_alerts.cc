// SPDX-License-Identifier: Apache-2.0
#include "tests/support/sample_alerts.h"

namespace capmon {
namespace {

constexpr TimeNs kSeen = 1'795'435'200'123'456'789;  // 2026-11-23T12:00:00.123456789Z
constexpr Capability kNetAdmin = 12, kNetRaw = 13, kSysAdmin = 21;
constexpr CapabilitySet kDockersDefault{0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31};

const std::string kId(64, 'a');
const std::string kHostile = "a|b=c]\"d\\e\nCEF:0|x\r\t\x1b[31m\x7f\xff\xc3\xa9\xe2\x80\xa8{},";

Container Web() {
  Container web;
  web.key = "42-1795435000000000000";
  web.kind = ContainerKind::kContainer;
  web.id = kId;
  web.name = "web";
  web.runtime = "docker";
  web.image = "registry.example/shop/web:1.25";
  web.image_digest = "sha256:" + std::string(64, 'b');
  web.entrypoint = "/usr/sbin/nginx";
  web.cgroup_path = "/docker/" + kId;
  web.cgroup = 4711;
  web.labels = {{"com.docker.compose.project", "shop"}, {"com.docker.compose.service", "web"}};
  web.first_seen = kSeen - 3600 * kSecond;
  web.from_start = true;
  web.name_source = "docker";
  return web;
}

Container InPod() {
  Container web = Web();
  web.runtime = "containerd";
  web.pod = "web-6d4b75cb6d-x2x7q";
  web.pod_namespace = "shop";
  web.pod_uid = "0b1e6a3c-5f0a-4a52-9d3b-2f1f6f0c8f11";
  web.workload = "deploy/web";
  web.workload_inferred = true;
  web.name = "nginx";
  web.name_source = "cri";
  web.labels = {{"app", "web"}, {"tier", "front"}};
  return web;
}

AlertProcess Shell() {
  AlertProcess shell;
  shell.pid_inside = 7;
  shell.parent = 4200;
  shell.parent_name = "nginx";
  shell.name = "sh";
  shell.executable = "/bin/busybox";
  shell.command_line = "sh -c arping -I eth0 10.0.0.1";
  shell.uid = 0;
  shell.euid = 0;
  shell.sets_known = true;
  shell.effective = shell.permitted = shell.bounding = kDockersDefault;
  shell.started = kSeen - kSecond;
  return shell;
}

Alert PacketSocket() {
  Alert alert;
  alert.id = "new_capability:CAP_NET_RAW:packet_create:17:42-1795435000000000000";
  alert.event_id = "01jdcz3v9y0000000000000001";
  alert.rule = "CM001";
  alert.rule_version = 1;
  alert.rule_name = "First use outside the baseline";
  alert.techniques = {{"T1040", "Network Sniffing"}, {"T1557.002", "ARP Cache Poisoning"}};
  alert.severity = Severity::kHigh;
  alert.first = alert.last = kSeen;
  alert.count = 1;
  alert.capability = kNetRaw;
  alert.granted = true;
  alert.verdict = "required";
  alert.container = Web();
  alert.workload = "compose:shop/web";
  alert.site = "packet_create";
  alert.syscall = "socket";
  alert.binary = "/bin/busybox";
  alert.pid = 4211;
  alert.process = Shell();
  alert.baseline = "approved";
  alert.baseline_set = kSeen - 86400 * kSecond;
  alert.message = "web newly uses CAP_NET_RAW: a packet socket reads and writes frames";
  alert.next = "capmon explain web NET_RAW";
  return alert;
}

Alert DeniedAgain() {
  Alert alert = PacketSocket();
  alert.id = "denied_capability:CAP_NET_ADMIN:rtnetlink_rcv_msg:9:42-1795435000000000000";
  alert.event_id = "01jdcz3v9y0000000000000002";
  alert.update = true;
  alert.kind = AlertKind::kDeniedCapability;
  alert.rule = "CM004";
  alert.rule_name = "Denied attempts";
  alert.techniques = {{"T1562.004", "Disable or Modify System Firewall"}};
  alert.severity = Severity::kMedium;
  alert.last = kSeen + 90 * kSecond;
  alert.count = 128;
  alert.capability = kNetAdmin;
  alert.granted = false;
  alert.verdict = "missing";
  alert.container = InPod();
  alert.workload = "shop/deploy/web/nginx";
  alert.site = "rtnetlink_rcv_msg";
  alert.syscall = "sendto";
  alert.message = "nginx was denied CAP_NET_ADMIN: it changes the network's configuration";
  alert.next = "capmon explain shop/deploy/web/nginx NET_ADMIN";
  return alert;
}

Alert LeftItsCgroup() {
  Alert alert;
  alert.id = "left_cgroup:42-1795435000000000000";
  alert.event_id = "01jdcz3v9y0000000000000003";
  alert.kind = AlertKind::kLeftCgroup;
  alert.rule = "CM012";
  alert.rule_version = 2;
  alert.rule_name = "Process left its container";
  alert.techniques = {{"T1611", "Escape to Host"}};
  alert.severity = Severity::kCritical;
  alert.first = alert.last = kSeen;
  alert.count = 1;
  alert.has_capability = false;
  alert.container = Web();
  alert.workload = "compose:shop/web";
  alert.message = "web: a process left the container's cgroup and moved to that of the host";
  alert.next = "capmon explain web";
  alert.unread = {{"process", "the record has no process"}};
  return alert;
}

Alert Hostile() {
  Alert alert = PacketSocket();
  alert.kind = AlertKind::kFromMemory;
  alert.severity = Severity::kLow;
  alert.container = InPod();
  alert.container.privileged = true;
  alert.container.filter = CallFilter{true, 5};
  HeldSets granted;
  granted.bounding = CapabilitySet(~uint64_t{0});
  alert.container.granted = granted;
  alert.container.labels = {{"a", "b"}};
  ForEachText(alert, [](std::string& text) { text = kHostile; });
  alert.container.labels = {{kHostile, kHostile}, {"", ""}};
  alert.event_id = "01jdcz3v9y0000000000000004";
  alert.unread = {{kHostile, kHostile}};
  return alert;
}

Alert LongCommandLine() {
  Alert alert = PacketSocket();
  alert.event_id = "01jdcz3v9y0000000000000005";
  for (size_t i = 0; i < AlertProcess::kMaxCommandLine / 16; ++i)
    alert.process.command_line += i % 2 ? "\xc3\xa9t\xc3\xa9 \\\"=|]\x01\n" : " --option=value";
  alert.process.command_line.resize(AlertProcess::kMaxCommandLine);
  for (int i = 0; i < 64; ++i)
    alert.container.labels["label-" + std::to_string(i)] = std::string(128, 'v');
  return alert;
}

Alert Least() {
  Alert alert;
  alert.id = "new_capability:CAP_SYS_ADMIN::0:7";
  alert.event_id = "01jdcz3v9y0000000000000006";
  alert.first = alert.last = kSeen;
  alert.count = 1;
  alert.capability = kSysAdmin;
  alert.container.key = "7";
  alert.message = "uses CAP_SYS_ADMIN";
  return alert;
}

Alert HeldBack() {
  Alert alert =
      MakeFeedAlert("limits", "42 alerts were held back by the limits of rules", 42, kSeen);
  alert.event_id = "01jdcz3v9y0000000000000007";
  return alert;
}

Alert Posture() {
  Alert alert;
  alert.id = "posture:42-1795435000000000000";
  alert.event_id = "01jdcz3v9y0000000000000008";
  alert.kind = AlertKind::kPosture;
  alert.rule = "CM082";
  alert.rule_version = 1;
  alert.rule_name = "Held and not needed";
  alert.severity = Severity::kLow;
  alert.first = alert.last = kSeen;
  alert.count = 1;
  alert.has_capability = false;
  alert.container = InPod();
  alert.workload = "shop/deploy/web/nginx";
  alert.held = kDockersDefault;
  alert.unneeded = {kNetRaw, 27};
  alert.message =
      "nginx holds 2 capabilities that it was not seen to need, the most dangerous first: NET_RAW "
      "and MKNOD";
  alert.next = "capmon profile shop/deploy/web/nginx";
  return alert;
}

}  // namespace

std::vector<SampleAlert> SampleAlerts() {
  std::vector<SampleAlert> samples = {
      {"packet-socket", {.feed = "siem", .sequence = 1, .alert = PacketSocket()}},
      {"denied-again", {.feed = "siem", .sequence = 2, .alert = DeniedAgain()}},
      {"left-cgroup", {.feed = "siem", .sequence = 3, .alert = LeftItsCgroup()}},
      {"hostile", {.feed = "siem", .sequence = 4, .alert = Hostile()}},
      {"long-command-line", {.feed = "siem", .sequence = 5, .alert = LongCommandLine()}},
      {"least", {.feed = "siem", .sequence = 6, .alert = Least()}},
      {"held-back", {.feed = "siem", .sequence = 7, .alert = HeldBack()}},
      {"posture", {.feed = "siem", .sequence = 8, .alert = Posture()}},
  };
  return samples;
}

Sensor SampleSensor() {
  return {.version = "1.2.3",
          .backend = "tp_btf",
          .node = "node-7",
          .host_id = "6f0c8f110b1e4a3c9d3b2f1f5f0a4a52",
          .cluster = "prod-eu"};
}

}  // namespace capmon
