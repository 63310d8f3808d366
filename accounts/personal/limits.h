// SPDX-License-Identifier: Apache-2.0
// How much one account may keep here. Bytes are those of the serialised element.
#pragma once

#include <cstddef>

namespace accounts::limits {

inline constexpr std::size_t account_bytes = 8 * 1024 * 1024;  // all of it

inline constexpr std::size_t roster_items = 5000;
// All of it is asked for at once, and must fit into what may wait for one client.
inline constexpr std::size_t roster_bytes = 512 * 1024;
inline constexpr std::size_t contact_name_bytes = 1023;
inline constexpr std::size_t group_bytes = 1023;
inline constexpr std::size_t groups_per_contact = 100;

inline constexpr std::size_t private_items = 100;
inline constexpr std::size_t private_item_bytes = 128 * 1024;
inline constexpr std::size_t vcard_bytes = 128 * 1024;

inline constexpr std::size_t archive_list_bytes = 128 * 1024;  // both lists of preferences

inline constexpr std::size_t nodes = 100;
inline constexpr std::size_t node_name_bytes = 1023;
inline constexpr std::size_t item_id_bytes = 1023;
inline constexpr std::size_t items_per_node = 1000;  // what pubsub#max_items='max' means
inline constexpr std::size_t item_bytes = 128 * 1024;
// All items of a node can be asked for at once, and must fit into what may wait for one client.
inline constexpr std::size_t node_bytes = 512 * 1024;

}  // namespace accounts::limits
