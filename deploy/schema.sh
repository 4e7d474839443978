#!/bin/sh
# Temporal's tables. Runs to its end before the server starts, each time that the stack comes up: tables of an older
# version are brought up to this one, and those of this version are left alone.
set -eu

update() {
    database="$1" versions="/etc/temporal/schema/postgresql/v12/$2/versioned"
    tool() {
        temporal-sql-tool --plugin postgres12 --ep "$POSTGRES_SEEDS" -p "$DB_PORT" -u "$POSTGRES_USER" \
            --db "$database" "$@"
    }
    # A database without tables has no version to update from.
    tool update-schema -d "$versions" || { tool setup-schema -v 0.0 && tool update-schema -d "$versions"; }
}

update temporal temporal
update temporal_visibility visibility
