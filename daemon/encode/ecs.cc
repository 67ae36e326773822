// SPDX-License-Identifier: Apache-2.0
#include "daemon/encode/ecs.h"

#include <algorithm>

#include "daemon/encode/alert_words.h"
#include "daemon/encode/json_form.h"
#include "daemon/encode/severity_scale.h"
#include "daemon/model/image_name.h"

namespace capmon {
namespace {

using TextList = std::vector<std::string>;

// The schema takes names without digits, and numbers: "CAP_63" is "63".
TextList EcsNames(CapabilitySet set) {
  TextList names;
  for (const Capability c : set.members()) {
    const std::string name = CapabilityName(c);
    const bool named =
        std::none_of(name.begin(), name.end(), [](char d) { return d >= '0' && d <= '9'; });
    names.push_back(named ? name : std::to_string(c));
  }
  return names;
}

// Elasticsearch reads a dot as a level, so that "app" and "app.part" could not both be fields, and
// rejects a document with an empty name.
std::map<std::string, std::string> WithoutDots(const std::map<std::string, std::string>& labels) {
  std::map<std::string, std::string> result;
  for (const auto& [key, value] : labels) {
    std::string flat = key.empty() ? "_" : key;
    std::ranges::replace(flat, '.', '_');
    result[flat] = value;
  }
  return result;
}

void PutEvent(FormWriter& form, const FeedMessage& message) {
  const Alert& alert = message.alert;
  const std::string outcome = alert.granted ? "success" : "failure";
  TextList types = {"info"};
  if (alert.has_capability) types.push_back(alert.granted ? "allowed" : "denied");
  form.Section("event", [&](FormWriter& event) {
    event.Always("kind", "alert");
    event.Always("category", TextList{"process", "intrusion_detection"});
    event.Always("type", types);
    event.Always("outcome", alert.has_capability ? outcome : "unknown");
    event.Always("action", std::string(Name(alert.kind)));
    event.Always("module", "capmon");
    event.Always("dataset", "capmon.alert");
    event.Always("id", alert.event_id);
    event.Always("sequence", message.sequence);
    event.Always("severity", ScaleOf(alert.severity).ecs);
    event.Always("risk_score", ScaleOf(alert.severity).ecs);
    event.Time("start", alert.first);
    event.Time("end", alert.last);
  });
  form.Section("log",
               [&](FormWriter& log) { log.Always("level", ScaleOf(alert.severity).ecs_level); });
}

void PutRule(FormWriter& form, const Alert& alert) {
  form.Section("rule", [&](FormWriter& rule) {
    rule.Maybe("id", alert.rule);
    rule.Always("name", TitleOf(alert));
    rule.Always("version", std::to_string(alert.rule_version));
    rule.Always("ruleset", "capmon");
  });
  if (alert.techniques.empty()) return;
  TextList ids, names, part_ids, part_names;
  for (const Technique& technique : alert.techniques) {
    if (std::ranges::find(ids, ParentOf(technique)) == ids.end())
      ids.push_back(ParentOf(technique));
    if (IsSubTechnique(technique)) part_ids.push_back(technique.id);
    if (!technique.name.empty())
      (IsSubTechnique(technique) ? part_names : names).push_back(technique.name);
  }
  form.Section("threat", [&](FormWriter& threat) {
    threat.Always("framework", "MITRE ATT&CK");
    threat.Section("technique", [&](FormWriter& technique) {
      technique.Always("id", ids);
      technique.Maybe("name", names);
      technique.Section("subtechnique", [&](FormWriter& part) {
        part.Maybe("id", part_ids);
        part.Maybe("name", part_names);
      });
    });
  });
}

void PutUser(FormWriter& form, const char* key, const std::optional<uint32_t>& uid) {
  if (!uid) return;
  form.Section(key, [&](FormWriter& user) { user.Always("id", std::to_string(*uid)); });
}

void PutProcess(FormWriter& form, const Alert& alert) {
  const AlertProcess& process = alert.process;
  form.Section("process", [&](FormWriter& out) {
    out.Maybe("pid", alert.pid);
    out.Maybe("vpid", process.pid_inside);
    out.Maybe("name", process.name);
    out.Maybe("executable", ExecutableOf(alert));
    out.Maybe("command_line", process.command_line);
    out.MaybeTime("start", process.started);
    out.Section("parent", [&](FormWriter& parent) {
      parent.Maybe("pid", process.parent);
      parent.Maybe("name", process.parent_name);
    });
    PutUser(out, "user", process.euid);
    PutUser(out, "real_user", process.uid);
    if (!process.sets_known) return;
    out.Section("thread", [&](FormWriter& thread) {
      thread.Section("capabilities", [&](FormWriter& sets) {
        sets.Always("effective", EcsNames(process.effective));
        sets.Always("permitted", EcsNames(process.permitted));
      });
    });
  });
}

void PutContainer(FormWriter& form, const Container& container) {
  const ImageName image = ParseImageName(container.image);
  form.Section("container", [&](FormWriter& out) {
    out.Maybe("id", container.id);
    out.Maybe("name", container.name);
    out.Maybe("runtime", container.runtime);
    out.Section("image", [&](FormWriter& of) {
      of.Maybe("name", image.path);
      if (!image.tag.empty()) of.Always("tag", TextList{image.tag});
      if (!container.image_digest.empty())
        of.Section("hash",
                   [&](FormWriter& hash) { hash.Always("all", TextList{container.image_digest}); });
    });
    out.Maybe("labels", WithoutDots(container.labels));
    if (container.privileged)
      out.Section("security_context",
                  [](FormWriter& context) { context.Always("privileged", true); });
  });
}

void PutOrchestrator(FormWriter& form, const Container& container, const Sensor& sensor) {
  if (container.pod.empty()) return;
  form.Section("orchestrator", [&](FormWriter& out) {
    out.Always("type", "kubernetes");
    out.Section("cluster", [&](FormWriter& cluster) { cluster.Maybe("name", sensor.cluster); });
    out.Maybe("namespace", container.pod_namespace);
    out.Section("resource", [&](FormWriter& resource) {
      resource.Always("type", "pod");
      resource.Always("name", container.pod);
      resource.Maybe("id", container.pod_uid);
    });
  });
}

void PutHost(FormWriter& form, const Sensor& sensor) {
  form.Section("host", [&](FormWriter& host) {
    host.Maybe("name", sensor.node);
    host.Maybe("hostname", sensor.node);
    host.Maybe("id", sensor.host_id);
    host.Section("os", [](FormWriter& os) { os.Always("type", "linux"); });
  });
  form.Section("observer", [&](FormWriter& observer) {
    observer.Always("vendor", "capmon");
    observer.Always("product", "capmon");
    observer.Always("type", "sensor");
    observer.Maybe("version", sensor.version);
    observer.Maybe("hostname", sensor.node);
  });
  if (sensor.node.empty()) return;
  form.Section("related",
               [&](FormWriter& related) { related.Always("hosts", TextList{sensor.node}); });
}

void PutOwn(FormWriter& form, const FeedMessage& message, const Sensor& sensor) {
  const Alert& alert = message.alert;
  form.Section("capmon", [&](FormWriter& own) {
    own.Always("finding", alert.id);
    own.Always("update", alert.update);
    own.Maybe("feed", message.feed);
    own.Always("count", alert.count);
    if (alert.has_capability) {
      own.Section("capability", [&](FormWriter& capability) {
        capability.Always("name", CapabilityName(alert.capability));
        capability.Always("number", alert.capability);
      });
      own.Always("decision", DecisionOf(alert));
      own.Maybe("verdict", alert.verdict);
    }
    own.Maybe("syscall", alert.syscall);
    own.Maybe("kernel_function", alert.site);
    own.Maybe("binary", alert.binary);
    own.Maybe("workload", alert.workload);
    own.Section("container", [&](FormWriter& container) {
      container.Always("key", alert.container.key);
      container.Always("kind", std::string(Name(alert.container.kind)));
      container.Maybe("cgroup_path", alert.container.cgroup_path);
    });
    if (alert.process.sets_known) own.Always("bounding", EcsNames(alert.process.bounding));
    own.Section("baseline", [&](FormWriter& baseline) {
      baseline.Maybe("source", alert.baseline);
      baseline.MaybeTime("set", alert.baseline_set);
    });
    if (!alert.unneeded.empty())
      own.Section("posture", [&](FormWriter& posture) {
        posture.Always("held", EcsNames(alert.held));
        posture.Always("not_needed", EcsNames(alert.unneeded));
      });
    own.Maybe("next", alert.next);
    own.Maybe("backend", sensor.backend);
    own.Maybe("cluster", sensor.cluster);
    own.Maybe("unread", UnreadOf(alert));
  });
}

}  // namespace

OrderedJson EcsDocument(const FeedMessage& message, const Sensor& sensor) {
  const Alert& alert = message.alert;
  OrderedJson document = OrderedJson::object();
  FormWriter form(document);
  form.Time("@timestamp", alert.last);
  form.Section("ecs", [](FormWriter& ecs) { ecs.Always("version", "8.11.0"); });
  form.Always("message", alert.message);
  PutEvent(form, message);
  PutRule(form, alert);
  PutProcess(form, alert);
  PutContainer(form, alert.container);
  PutOrchestrator(form, alert.container, sensor);
  PutHost(form, sensor);
  PutOwn(form, message, sensor);
  return document;
}

}  // namespace capmon
