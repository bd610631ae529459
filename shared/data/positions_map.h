/* positions_map.h - inside of data: how the positions page gets into memory, and stays there. */
#ifndef DATA_POSITIONS_MAP_H
#define DATA_POSITIONS_MAP_H

#include "data/page.h"
#include "data/positions.h"

/* The page as it is mapped now, or NULL. Stays readable for a minute after it was replaced. */
struct page *positions_page(const struct positions *p);
/* Looks whether another file lies at the path and maps it; true when it did. */
bool positions_remap(struct positions *p);
/* The page's lock between processes; survives the death of whoever held it. */
void page_lock(struct page *page);

#endif
