/**
 * The part of Jinja that chat templates are written in, rendered as Python's jinja2 does with the
 * settings of {@code transformers} ({@code trim_blocks}, {@code lstrip_blocks}), under limits that
 * no template can escape.
 */
@NullMarked
package dev.krafla.models.jinja;

import org.jspecify.annotations.NullMarked;
