// SPDX-License-Identifier: Apache-2.0
// For net/ only. An intrusive doubly linked list: an item is on it at most once, joins and leaves
// in constant time, and leaves by itself when it dies.
#pragma once

namespace net {

class Link {
 public:
  Link() = default;
  ~Link() { unlink(); }
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  bool linked() const { return next_ != this; }
  void unlink() {
    prev_->next_ = next_;
    next_->prev_ = prev_;
    prev_ = next_ = this;
  }

 private:
  template <class T>
  friend class LinkList;
  Link* prev_ = this;
  Link* next_ = this;
};

// T derives from Link. The list owns nothing.
template <class T>
class LinkList {
 public:
  bool empty() const { return !head_.linked(); }

  void push_back(T& item) {
    Link& link = item;
    if (link.linked()) return;
    link.prev_ = head_.prev_;
    link.next_ = &head_;
    head_.prev_->next_ = &link;
    head_.prev_ = &link;
  }

  T& pop_front() {
    Link* first = head_.next_;
    first->unlink();
    return *static_cast<T*>(first);
  }

  void take_all(LinkList& from) {
    while (!from.empty()) push_back(from.pop_front());
  }

 private:
  Link head_;
};

}  // namespace net
