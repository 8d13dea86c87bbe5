/* One function a part of the page; gradio calls it once, with the part's element and `tell`, which tells Python. */
window.studio = {
  /* The sliders: the drawing and the number follow at once, Python hears when the slider is let go. */
  board(element, tell, watch) {
    let timer
    const sliders = () => [...element.querySelectorAll("input[type=range]")]
    const show = (slider, moving) => {
      const unit = slider.closest(".unit"), value = Number(slider.value)
      unit.style.setProperty("--value", value)
      unit.querySelector("output").textContent = value.toFixed(2)
      unit.classList.toggle("moved", Math.abs(value - Number(unit.dataset.own)) > 0.005)
      unit.classList.toggle("moving", moving)
    }
    const send = () => {
      clearTimeout(timer)
      timer = setTimeout(() => {
        window.studio.busy(true)
        tell({ units: Object.fromEntries(sliders().map(s => [s.name, Number(s.value)])) })
      }, 80)
    }
    element.addEventListener("input", event => show(event.target, true))
    element.addEventListener("change", event => { show(event.target, false); send() })
    element.addEventListener("focusout", event => event.target.closest(".unit")?.classList.remove("moving"))
    element.addEventListener("click", event => {
      const unit = event.target.closest(".back")?.closest(".unit")
      if (!unit) return
      const slider = unit.querySelector("input")
      slider.value = unit.dataset.own
      show(slider, false)
      slider.focus()
      send()
    })
    watch("value", () => sliders().forEach(s => { s.value = s.getAttribute("value"); show(s, false) }))
  },

  /* How much, in how many steps, and where. */
  limits(element, tell, reset, watch) {
    const dials = () => [...element.querySelectorAll("input[type=range]")]
    const show = dial => {
      const box = dial.closest(".dial")
      box.style.setProperty("--value", (dial.value - dial.min) / (dial.max - dial.min))
      box.querySelector("output").textContent = dial.step < 1 ? Number(dial.value).toFixed(2) : dial.value
    }
    element.addEventListener("input", event => { if (event.target.type === "range") show(event.target) })
    element.addEventListener("change", () => {
      window.studio.busy(true)
      tell({
        ...Object.fromEntries(dials().map(dial => [dial.name, Number(dial.value)])),
        regions: [...element.querySelectorAll("input[type=checkbox]:checked")].map(box => box.value),
      })
    })
    element.addEventListener("click", event => {
      if (!event.target.closest(".reset")) return
      window.studio.busy(true)
      reset()
    })
    watch("value", () => {
      dials().forEach(dial => { dial.value = dial.getAttribute("value"); show(dial) })
      element.querySelectorAll("input[type=checkbox]").forEach(box => { box.checked = box.hasAttribute("checked") })
    })
  },

  /* Before and after: the divider is where the invisible slider over the pictures is. */
  stage(element, watch) {
    const place = () => {
      const slider = element.querySelector(".compare input")
      slider?.closest(".compare").style.setProperty("--at", slider.value + "%")
    }
    element.addEventListener("input", place)
    watch("value", () => { place(); window.studio.busy(false) })
  },

  /* Downloads; one that takes its time says so. */
  takeaway(element) {
    element.addEventListener("click", async event => {
      const link = event.target.closest("a[data-wait]")
      if (!link || link.dataset.waiting) return
      event.preventDefault()
      const said = link.textContent
      link.dataset.waiting = "yes"
      link.textContent = link.dataset.wait + " ..."
      try {
        const answer = await fetch(link.href)
        if (!answer.ok) throw new Error(answer.status)
        const saved = document.createElement("a")
        saved.href = URL.createObjectURL(await answer.blob())
        saved.download = link.download
        saved.click()
        setTimeout(() => URL.revokeObjectURL(saved.href), 60000)
        link.textContent = said
      } catch { link.textContent = "that failed: try again" }
      delete link.dataset.waiting
    })
  },

  /* Buttons of which one is picked. */
  picks(element, tell) {
    element.addEventListener("click", event => {
      const button = event.target.closest("button[data-pick]")
      if (!button || button.disabled) return
      window.studio.busy(true)
      tell({ pick: button.dataset.pick })
    })
  },

  /* The command line, copied. */
  command(element) {
    element.addEventListener("click", async event => {
      const button = event.target.closest(".copy")
      if (!button) return
      const code = element.querySelector("code")
      try { await navigator.clipboard.writeText(code.textContent) } catch {
        getSelection().selectAllChildren(code)
        document.execCommand("copy")
      }
      button.textContent = "copied"
      setTimeout(() => { button.textContent = "copy" }, 1500)
    })
  },

  busy(yes) { document.body.classList.toggle("studio-busy", yes) },
}
