package dev.krafla.screen;

import java.util.Locale;

/** What a node is. Closed: every surface maps its own roles to these 25. */
public enum Role {
  WINDOW,
  DIALOG,
  MENU,
  MENUITEM,
  TAB,
  TABLIST,
  NAV,
  LIST,
  LISTITEM,
  TABLE,
  ROW,
  CELL,
  HEADING,
  TEXT,
  LINK,
  BUTTON,
  CHECKBOX,
  RADIO,
  SWITCH,
  COMBOBOX,
  TEXTBOX,
  SLIDER,
  IMAGE,
  REGION,
  /** Opaque: only points inside of it can be acted on. */
  CANVAS;

  /** Lower-case, as models read and write it. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether nodes of this role are there to be acted on. */
  public boolean interactive() {
    return switch (this) {
      case MENUITEM,
          TAB,
          LINK,
          BUTTON,
          CHECKBOX,
          RADIO,
          SWITCH,
          COMBOBOX,
          TEXTBOX,
          SLIDER,
          CANVAS ->
          true;
      case WINDOW,
          DIALOG,
          MENU,
          TABLIST,
          NAV,
          LIST,
          LISTITEM,
          TABLE,
          ROW,
          CELL,
          HEADING,
          TEXT,
          IMAGE,
          REGION ->
          false;
    };
  }
}
