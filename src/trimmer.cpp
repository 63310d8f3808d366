// SPDX-License-Identifier: Apache-2.0
#include "src/trimmer.h"

#include <malloc.h>

#include <algorithm>
#include <utility>

namespace server {
namespace {

constexpr auto period = base::seconds(2);

}  // namespace

bool TrimRule::worth_it(std::size_t people) {
  fullest_ = std::max(fullest_, people);
  if (fullest_ - people < few || people > fullest_ / 2) return false;
  fullest_ = people;
  return true;
}

Trimmer::Trimmer(net::Loop& loop, net::Workers& workers, Count people)
    : loop_(loop), workers_(workers), people_(std::move(people)), timer_(loop) {}

void Trimmer::start() {
  timer_.repeat(period, [this] {
    people_([this](std::size_t people) { loop_.post([this, people] { counted(people); }); });
  });
}

void Trimmer::stop() { timer_.stop(); }

// On a worker: it visits every arena, and the system takes pages back one by one.
void Trimmer::counted(std::size_t people) {
  if (rule_.worth_it(people)) (void)workers_.submit([] { (void)::malloc_trim(0); });
}

}  // namespace server
