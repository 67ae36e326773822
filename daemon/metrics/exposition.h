// SPDX-License-Identifier: Apache-2.0
// The metrics as Prometheus reads them: a snapshot as families, and as text.
#pragma once

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "daemon/metrics/snapshot.h"

namespace capmon {

// Takes one snapshot for each collection.
class StatusCollectable final : public prometheus::Collectable {
 public:
  explicit StatusCollectable(std::function<MetricsSnapshot()> take) : take_(std::move(take)) {}
  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const std::function<MetricsSnapshot()> take_;
};

// The text of a scrape. Two scrapes within kFresh get the same one, so that scrapes cost no more
// the more scrapers there are. Used by one thread.
class Exposition {
 public:
  explicit Exposition(std::function<MetricsSnapshot()> take) : collectable_(std::move(take)) {}
  // `now`: by the steady clock.
  std::shared_ptr<const std::string> Text(TimeNs now);

  static constexpr TimeNs kFresh = kSecond;
  static constexpr char kContentType[] = "text/plain; version=0.0.4; charset=utf-8";

 private:
  const StatusCollectable collectable_;
  std::shared_ptr<const std::string> text_;
  TimeNs taken_ = 0;
};

}  // namespace capmon
