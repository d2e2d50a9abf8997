// A combobox (WAI-ARIA 1.2, list autocomplete): it sends what is typed, and shows what comes back.
// Whatever comes from the data is set as text, never as HTML.
const WAIT = 120
const known = new WeakMap()

export default function (component) {
  const root = component.parentElement
  let box = known.get(root)
  if (!box) known.set(root, (box = makeBox(root)))
  box.update(component)
  return () => box.stop()
}

function makeBox(root) {
  const [input, label, help, field, clear, panel, list, status, live, chosen] = [
    "input", "label", ".help", ".field", ".clear", ".panel", "[role=listbox]", ".status", ".live", ".chosen",
  ].map((what) => root.querySelector(what))
  let data = { hits: [], chosen: [], words: {} }
  let send = () => {}
  let set = () => {}
  let timer = 0
  let retry = 0
  let active = -1
  let sent = null // the text that was sent last
  let isTyping = false // the text is not that of the chosen place
  let wantsFirst = false // Enter was pressed before the answer came
  let picked = null // what was picked, until the page knows

  const text = () => input.value.trim()
  const isAnswered = () => data.typed === text()
  const isOpen = () => !panel.hidden

  function open(yes) {
    panel.hidden = !yes
    input.setAttribute("aria-expanded", String(yes && data.hits.length > 0))
    if (!yes) move(-1)
  }
  function move(to) {
    const options = [...list.children]
    active = options.length && to >= 0 ? to % options.length : -1
    options.forEach((option, i) => option.setAttribute("aria-selected", String(i === active)))
    if (active >= 0) {
      input.setAttribute("aria-activedescendant", options[active].id)
      options[active].scrollIntoView({ block: "nearest" })
    } else input.removeAttribute("aria-activedescendant")
  }
  function search() {
    clearTimeout(timer)
    if (!text()) return open(false)
    if (text() === sent && isAnswered()) return open(true)
    sent = text()
    set("typed", sent)
  }
  function pick(i) {
    const hit = data.hits[i]
    if (!hit) return
    clearTimeout(timer)
    isTyping = wantsFirst = false
    const isTrade = hit.key.startsWith("trade:")
    const old = data.many ? "" : (data.chosen[0]?.label ?? "")
    input.value = data.many ? "" : isTrade ? old : hit.name
    picked = isTrade || data.many ? null : hit.key
    open(false)
    send("picked", hit.key)
  }
  function draw() {
    list.replaceChildren(
      ...data.hits.map((hit, i) => {
        const option = document.createElement("li")
        option.id = `option-${i}`
        option.role = "option"
        option.setAttribute("aria-selected", "false")
        const kind = make("span", "kind", hit.kind)
        const name = make("span", "name", hit.name)
        if (hit.detail) name.append(make("span", "detail", hit.detail))
        option.append(kind, name)
        option.onmousedown = (event) => event.preventDefault() // the box keeps the focus
        option.onclick = () => pick(i)
        return option
      }),
    )
    active = -1
    input.removeAttribute("aria-activedescendant")
  }
  function drawChosen() {
    chosen.hidden = !data.many || !data.chosen.length
    chosen.setAttribute("aria-label", data.words.chosen ?? "")
    chosen.replaceChildren(
      ...data.chosen.map((place) => {
        const item = make("li", "", place.label)
        const remove = make("button", "", "✕")
        remove.type = "button"
        remove.setAttribute("aria-label", place.remove)
        remove.onclick = () => send("removed", place.key)
        item.append(remove)
        return item
      }),
    )
  }

  input.oninput = () => {
    // While a syllable is being composed, half of it is searched too: 수오 finds 수완동.
    isTyping = true
    wantsFirst = false
    clearTimeout(timer)
    if (!text()) return open(false)
    timer = setTimeout(search, WAIT)
  }
  input.onkeydown = (event) => {
    // A key that ends a composition is the keyboard's, not ours.
    if (event.isComposing || event.keyCode === 229) return
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault()
      if (!isOpen() && text() && isAnswered() && data.hits.length) open(true)
      const count = data.hits.length
      if (isOpen() && count) {
        const down = event.key === "ArrowDown"
        move(down ? (active + 1) % count : active <= 0 ? count - 1 : active - 1)
      }
    } else if (event.key === "Enter") {
      event.preventDefault()
      if (!isTyping && active < 0) return
      if (isAnswered() && data.hits.length && isOpen()) pick(Math.max(active, 0))
      else {
        wantsFirst = true
        search()
      }
    } else if (event.key === "Escape" && isOpen()) {
      event.preventDefault()
      event.stopPropagation()
      open(false)
    }
  }
  input.onfocus = () => {
    if (!isTyping) input.select()
    else if (text() && isAnswered()) open(true)
  }
  input.onblur = () => {
    clearTimeout(timer)
    wantsFirst = false
    open(false)
    if (isTyping && !data.many && data.chosen.length) {
      input.value = data.chosen[0].label
      isTyping = false
    }
  }
  clear.onclick = () => {
    input.value = ""
    isTyping = false
    picked = null
    send("removed", data.chosen[0]?.key ?? "")
    input.focus()
  }

  function update(component) {
    send = component.setTriggerValue
    set = component.setStateValue
    const isNew = JSON.stringify(component.data.hits) !== JSON.stringify(data.hits)
    const wasAnswered = data.typed
    data = component.data
    label.textContent = data.words.label
    input.placeholder = data.words.placeholder
    help.textContent = data.words.help
    clear.textContent = data.words.clear
    // A label without its field would name nothing.
    label.hidden = field.hidden = data.isFull
    list.setAttribute("aria-label", data.words.label)
    status.textContent = data.status
    status.hidden = !data.isStatusShown
    if (isNew) draw()
    drawChosen()
    const name = data.many ? "" : (data.chosen[0]?.label ?? "")
    clear.hidden = data.many || !data.chosen.length
    if (picked && data.chosen.some((place) => place.key === picked)) picked = null
    if (!isTyping && !picked && input.value !== name) input.value = name
    clearTimeout(retry)
    if (data.isPending) retry = setTimeout(() => send("again", Date.now()), 700)
    const hasFocus = root.activeElement === input || document.activeElement === input
    if (isTyping && hasFocus && text()) {
      if (isAnswered()) {
        if (wasAnswered !== data.typed || isNew) live.textContent = data.status
        open(true)
        if (wantsFirst && data.hits.length) pick(0)
      } else if (data.typed !== sent) sent = null
    }
  }
  function stop() {
    clearTimeout(timer)
    clearTimeout(retry)
  }
  return { update, stop }
}

function make(tag, name, text) {
  const element = document.createElement(tag)
  if (name) element.className = name
  element.textContent = text
  return element
}
